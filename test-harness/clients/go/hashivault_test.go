package clients

import (
	"context"
	"errors"
	"testing"

	"github.com/hashicorp/vault/api"
	"gocloud.dev/gcerrors"
	"gocloud.dev/secrets"
	"gocloud.dev/secrets/drivertest"
	"gocloud.dev/secrets/hashivault"
)

func vaultClient(t *testing.T, token string) *api.Client {
	t.Helper()
	client, err := hashivault.Dial(t.Context(), &hashivault.Config{
		Token:     token,
		APIConfig: api.Config{Address: setting(t, "EMULATOR_VAULT_TRANSIT"), MaxRetries: 0},
	})
	if err != nil {
		t.Fatal(err)
	}
	client.SetMaxRetries(0)
	return client
}

type vaultErrors struct{}

func (vaultErrors) Name() string { return "the client reads an error of the service" }

// gocloud.dev shows no error of this service through ErrorAs, so the error itself is looked at.
func (vaultErrors) ErrorCheck(_ *secrets.Keeper, err error) error {
	var refusal *api.ResponseError
	if !errors.As(err, &refusal) {
		return errors.New("not an error of the service")
	}
	if refusal.StatusCode != 400 || len(refusal.Errors) != 1 || refusal.Errors[0] != "invalid ciphertext: no prefix" {
		return refusal
	}
	return nil
}

func TestHashiVaultConformance(t *testing.T) {
	client := vaultClient(t, setting(t, "EMULATOR_VAULT_TRANSIT_TOKEN"))
	drivertest.RunConformanceTests(t, func(context.Context, *testing.T) (drivertest.Harness, error) {
		return &twoKeys{func(context.Context) (*secrets.Keeper, error) {
			name := randomName()
			if _, err := client.Logical().Write("transit/keys/"+name, map[string]any{}); err != nil {
				return nil, err
			}
			return hashivault.OpenKeeper(client, name, nil), nil
		}}, nil
	}, []drivertest.AsTest{vaultErrors{}})
}

func TestHashiVaultErrors(t *testing.T) {
	client := vaultClient(t, setting(t, "EMULATOR_VAULT_TRANSIT_TOKEN"))
	name := randomName()
	keeper := opened(t, hashivault.OpenKeeper(client, name, nil), nil)
	// The first encryption makes the key: the service does so too.
	ciphertext := encrypted(t, keeper)

	for _, refusal := range []struct {
		title  string
		key    string
		token  string
		status int
	}{
		{"another key is a bad request", name + "-other", setting(t, "EMULATOR_VAULT_TRANSIT_TOKEN"), 400},
		{"a missing key is a bad request", name + "-missing", setting(t, "EMULATOR_VAULT_TRANSIT_TOKEN"), 400},
		{"an unknown token is denied", name, "nobody", 403},
	} {
		t.Run(refusal.title, func(t *testing.T) {
			if refusal.key == name+"-other" {
				encrypted(t, opened(t, hashivault.OpenKeeper(client, refusal.key, nil), nil))
			}
			_, err := opened(t, hashivault.OpenKeeper(vaultClient(t, refusal.token), refusal.key, nil), nil).Decrypt(t.Context(), ciphertext)
			wantCode(t, err, gcerrors.Unknown)
			var got *api.ResponseError
			if !errors.As(err, &got) || got.StatusCode != refusal.status {
				t.Errorf("got %v, want status %d", err, refusal.status)
			}
		})
	}
}
