package clients

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/security/keyvault/azkeys"
	"gocloud.dev/gcerrors"
	"gocloud.dev/secrets"
	"gocloud.dev/secrets/azurekeyvault"
	"gocloud.dev/secrets/drivertest"
)

// staticToken is a credential that never has to ask.
type staticToken string

func (s staticToken) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(s), ExpiresOn: time.Now().Add(time.Hour)}, nil
}

// azureHTTPClient trusts the throw-away certificate of the emulator and nothing else.
func azureHTTPClient(t *testing.T) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(setting(t, "EMULATOR_AZURE_KEY_VAULT_CERTIFICATE"))) {
		t.Fatal("EMULATOR_AZURE_KEY_VAULT_CERTIFICATE holds no certificate")
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

func azureClient(t *testing.T) *azkeys.Client {
	t.Helper()
	client, err := azkeys.NewClient(setting(t, "EMULATOR_AZURE_KEY_VAULT"), staticToken(setting(t, "EMULATOR_AZURE_KEY_VAULT_TOKEN")), &azkeys.ClientOptions{
		ClientOptions:                        policy.ClientOptions{Transport: azureHTTPClient(t), Retry: policy.RetryOptions{MaxRetries: -1}},
		DisableChallengeResourceVerification: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func azureKey(ctx context.Context, client *azkeys.Client, name string) (*azkeys.KeyBundle, error) {
	kind, size := azkeys.KeyTypeRSA, int32(2048)
	created, err := client.CreateKey(ctx, name, azkeys.CreateKeyParameters{Kty: &kind, KeySize: &size}, nil)
	return &created.KeyBundle, err
}

// azureKeeper opens a keeper on the emulator. The URL is of the only form that gocloud.dev takes; its host is not used.
func azureKeeper(client *azkeys.Client, nameAndVersion string) (*secrets.Keeper, error) {
	maker := func(string) (*azkeys.Client, error) { return client, nil }
	return azurekeyvault.OpenKeeper(maker, "https://emulator.vault.azure.net/keys/"+nameAndVersion, nil)
}

type azureErrors struct{}

func (azureErrors) Name() string { return "the SDK reads an error of the service" }

func (azureErrors) ErrorCheck(keeper *secrets.Keeper, err error) error {
	var refusal *azcore.ResponseError
	if !keeper.ErrorAs(err, &refusal) {
		return errors.New("not an error of the service")
	}
	if refusal.StatusCode != 400 || refusal.ErrorCode != "BadParameter" {
		return fmt.Errorf("got %d %q, want 400 BadParameter", refusal.StatusCode, refusal.ErrorCode)
	}
	return nil
}

func TestAzureKeyVaultConformance(t *testing.T) {
	client := azureClient(t)
	names := [2]string{randomName(), randomName()}
	for _, name := range names {
		if _, err := azureKey(t.Context(), client, name); err != nil {
			t.Fatal(err)
		}
	}
	drivertest.RunConformanceTests(t, func(context.Context, *testing.T) (drivertest.Harness, error) {
		next := 0
		// Making an RSA key takes long, so the tests share two.
		return &twoKeys{func(context.Context) (*secrets.Keeper, error) {
			next++
			return azureKeeper(client, names[next%len(names)])
		}}, nil
	}, []drivertest.AsTest{azureErrors{}})
}

func TestAzureKeyVaultErrorCodes(t *testing.T) {
	client := azureClient(t)
	name := randomName()
	first, err := azureKey(t.Context(), client, name)
	if err != nil {
		t.Fatal(err)
	}
	version := first.Key.KID.Version()
	keeper, err := azureKeeper(client, name+"/"+version)
	keeper = opened(t, keeper, err)
	ciphertext := encrypted(t, keeper)

	t.Run("a missing key is not found", func(t *testing.T) {
		missing, err := azureKeeper(client, name+"-missing")
		_, err = opened(t, missing, err).Encrypt(t.Context(), []byte("x"))
		wantCode(t, err, gcerrors.NotFound)
	})
	t.Run("an old version opens what it sealed and the new one does not", func(t *testing.T) {
		if _, err := client.RotateKey(t.Context(), name, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := keeper.Decrypt(t.Context(), ciphertext); err != nil {
			t.Fatal(err)
		}
		newest, err := azureKeeper(client, name)
		_, err = opened(t, newest, err).Decrypt(t.Context(), ciphertext)
		wantCode(t, err, gcerrors.InvalidArgument)
	})
	t.Run("a disabled version is denied", func(t *testing.T) {
		disabled := false
		attributes := &azkeys.KeyAttributes{Enabled: &disabled}
		if _, err := client.UpdateKey(t.Context(), name, version, azkeys.UpdateKeyParameters{KeyAttributes: attributes}, nil); err != nil {
			t.Fatal(err)
		}
		_, err := keeper.Decrypt(t.Context(), ciphertext)
		wantCode(t, err, gcerrors.PermissionDenied)
	})
}
