package clients

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"os"
	"testing"

	"gocloud.dev/gcerrors"
	"gocloud.dev/secrets"
	"gocloud.dev/secrets/driver"
)

// drivenKeeper shows an opened keeper of gocloud.dev to its conformance tests, which take a driver: the drivers themselves are not exported.
type drivenKeeper struct {
	keeper *secrets.Keeper
}

func (k *drivenKeeper) Encrypt(ctx context.Context, plaintext []byte) ([]byte, error) {
	return k.keeper.Encrypt(ctx, plaintext)
}

func (k *drivenKeeper) Decrypt(ctx context.Context, ciphertext []byte) ([]byte, error) {
	return k.keeper.Decrypt(ctx, ciphertext)
}

func (k *drivenKeeper) Close() error { return k.keeper.Close() }

func (k *drivenKeeper) ErrorAs(err error, target any) bool { return k.keeper.ErrorAs(err, target) }

func (k *drivenKeeper) ErrorCode(err error) gcerrors.ErrorCode { return gcerrors.Code(err) }

// twoKeys is a harness of the conformance tests: it makes two keys at the service and opens a keeper on each.
type twoKeys struct {
	open func(ctx context.Context) (*secrets.Keeper, error)
}

func (h *twoKeys) MakeDriver(ctx context.Context) (driver.Keeper, driver.Keeper, error) {
	first, err := h.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	second, err := h.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	return &drivenKeeper{first}, &drivenKeeper{second}, nil
}

func (h *twoKeys) Close() {}

// setting is what the program that started the emulators says about them.
func setting(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: these tests are started by the tests of @letterlock/clients", name)
	}
	return value
}

func randomName() string {
	bytes := make([]byte, 8)
	rand.Read(bytes)
	return "key-" + hex.EncodeToString(bytes)
}

// wantCode holds a refusal to the code that gocloud.dev gives it from the error of the provider's own SDK.
func wantCode(t *testing.T, err error, want gcerrors.ErrorCode) {
	t.Helper()
	if err == nil {
		t.Fatal("got no error")
	}
	if got := gcerrors.Code(err); got != want {
		t.Errorf("got %v for %v, want %v", got, err, want)
	}
}

func encrypted(t *testing.T, keeper *secrets.Keeper) []byte {
	t.Helper()
	ciphertext, err := keeper.Encrypt(t.Context(), []byte("32 bytes that nobody has to know"))
	if err != nil {
		t.Fatal(err)
	}
	return ciphertext
}

func opened(t *testing.T, keeper *secrets.Keeper, err error) *secrets.Keeper {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := keeper.Close(); err != nil {
			t.Error(err)
		}
	})
	return keeper
}
