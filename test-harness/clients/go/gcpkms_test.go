package clients

import (
	"context"
	"errors"
	"fmt"
	"testing"

	cloudkms "cloud.google.com/go/kms/apiv1"
	"cloud.google.com/go/kms/apiv1/kmspb"
	"gocloud.dev/gcerrors"
	"gocloud.dev/secrets"
	"gocloud.dev/secrets/drivertest"
	"gocloud.dev/secrets/gcpkms"
	"google.golang.org/api/option"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

const gcpLocation = "projects/gocloud/locations/europe-west3"

// bearer sends a token, also where there is no TLS.
type bearer string

func (b bearer) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + string(b)}, nil
}

func (bearer) RequireTransportSecurity() bool { return false }

func gcpConnection(t *testing.T) *grpc.ClientConn {
	t.Helper()
	connection, err := grpc.NewClient(setting(t, "EMULATOR_GCP_KMS_GRPC"),
		grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithPerRPCCredentials(bearer("gocloud")))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	return connection
}

func gcpClient(t *testing.T) *cloudkms.KeyManagementClient {
	t.Helper()
	client, err := cloudkms.NewKeyManagementClient(t.Context(), option.WithGRPCConn(gcpConnection(t)))
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func gcpKeyRing(t *testing.T, client *cloudkms.KeyManagementClient) string {
	t.Helper()
	ring, err := client.CreateKeyRing(t.Context(), &kmspb.CreateKeyRingRequest{Parent: gcpLocation, KeyRingId: randomName()})
	if err != nil {
		t.Fatal(err)
	}
	return ring.Name
}

func gcpKey(ctx context.Context, client *cloudkms.KeyManagementClient, ring string, id string) (*kmspb.CryptoKey, error) {
	return client.CreateCryptoKey(ctx, &kmspb.CreateCryptoKeyRequest{
		Parent:      ring,
		CryptoKeyId: id,
		CryptoKey:   &kmspb.CryptoKey{Purpose: kmspb.CryptoKey_ENCRYPT_DECRYPT},
	})
}

type gcpErrors struct{}

func (gcpErrors) Name() string { return "the SDK reads a status of the service" }

func (gcpErrors) ErrorCheck(keeper *secrets.Keeper, err error) error {
	var refusal *status.Status
	if !keeper.ErrorAs(err, &refusal) {
		return errors.New("not a status of the service")
	}
	if refusal.Code() != codes.InvalidArgument {
		return fmt.Errorf("got %v, want INVALID_ARGUMENT", refusal.Code())
	}
	return nil
}

func TestGcpKmsConformance(t *testing.T) {
	client := gcpClient(t)
	ring := gcpKeyRing(t, client)
	drivertest.RunConformanceTests(t, func(context.Context, *testing.T) (drivertest.Harness, error) {
		return &twoKeys{func(ctx context.Context) (*secrets.Keeper, error) {
			key, err := gcpKey(ctx, client, ring, randomName())
			if err != nil {
				return nil, err
			}
			return gcpkms.OpenKeeper(client, key.Name, nil), nil
		}}, nil
	}, []drivertest.AsTest{gcpErrors{}})
}

func TestGcpKmsErrorCodes(t *testing.T) {
	client := gcpClient(t)
	ring := gcpKeyRing(t, client)
	key, err := gcpKey(t.Context(), client, ring, randomName())
	if err != nil {
		t.Fatal(err)
	}
	bound := opened(t, gcpkms.OpenKeeper(client, key.Name, &gcpkms.KeeperOptions{AdditionalAuthenticatedData: []byte("sample AAD")}), nil)
	ciphertext := encrypted(t, bound)
	if _, err := bound.Decrypt(t.Context(), ciphertext); err != nil {
		t.Fatal(err)
	}

	t.Run("other additional data is an invalid argument", func(t *testing.T) {
		other := &gcpkms.KeeperOptions{AdditionalAuthenticatedData: []byte("different AAD")}
		_, err := opened(t, gcpkms.OpenKeeper(client, key.Name, other), nil).Decrypt(t.Context(), ciphertext)
		wantCode(t, err, gcerrors.InvalidArgument)
	})
	t.Run("a missing key is not found", func(t *testing.T) {
		_, err := opened(t, gcpkms.OpenKeeper(client, key.Name+"-missing", nil), nil).Encrypt(t.Context(), []byte("x"))
		wantCode(t, err, gcerrors.NotFound)
	})
	t.Run("a key that exists cannot be made again", func(t *testing.T) {
		_, err := gcpKey(t.Context(), client, ring, key.Name[len(ring+"/cryptoKeys/"):])
		if got := status.Code(err); got != codes.AlreadyExists {
			t.Errorf("got %v for %v, want ALREADY_EXISTS", got, err)
		}
	})
	t.Run("a disabled version is a failed precondition", func(t *testing.T) {
		_, err := client.UpdateCryptoKeyVersion(t.Context(), &kmspb.UpdateCryptoKeyVersionRequest{
			CryptoKeyVersion: &kmspb.CryptoKeyVersion{Name: key.Primary.Name, State: kmspb.CryptoKeyVersion_DISABLED},
			UpdateMask:       &fieldmaskpb.FieldMask{Paths: []string{"state"}},
		})
		if err != nil {
			t.Fatal(err)
		}
		_, err = bound.Decrypt(t.Context(), ciphertext)
		wantCode(t, err, gcerrors.FailedPrecondition)
		_, err = bound.Encrypt(t.Context(), []byte("x"))
		wantCode(t, err, gcerrors.FailedPrecondition)
	})
}
