package clients

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"
	"github.com/aws/smithy-go"
	"gocloud.dev/gcerrors"
	"gocloud.dev/secrets"
	"gocloud.dev/secrets/awskms"
	"gocloud.dev/secrets/drivertest"
)

func awsClient(t *testing.T) *kms.Client {
	return kms.New(kms.Options{
		BaseEndpoint: aws.String(setting(t, "EMULATOR_AWS_KMS")),
		Region:       "eu-central-1",
		Credentials:  credentials.NewStaticCredentialsProvider("AKIDGOCLOUD", "secret", ""),
		Retryer:      aws.NopRetryer{},
	})
}

func awsKey(ctx context.Context, client *kms.Client) (string, error) {
	created, err := client.CreateKey(ctx, &kms.CreateKeyInput{})
	if err != nil {
		return "", err
	}
	return *created.KeyMetadata.Arn, nil
}

type awsErrors struct{}

func (awsErrors) Name() string { return "the SDK reads an error of the service" }

func (awsErrors) ErrorCheck(keeper *secrets.Keeper, err error) error {
	var refusal smithy.APIError
	if !keeper.ErrorAs(err, &refusal) {
		return errors.New("not an error of the service")
	}
	var invalid *types.InvalidCiphertextException
	if !errors.As(refusal, &invalid) {
		return fmt.Errorf("got %q, want InvalidCiphertextException", refusal.ErrorCode())
	}
	return nil
}

func TestAwsKmsConformance(t *testing.T) {
	drivertest.RunConformanceTests(t, func(context.Context, *testing.T) (drivertest.Harness, error) {
		client := awsClient(t)
		return &twoKeys{func(ctx context.Context) (*secrets.Keeper, error) {
			arn, err := awsKey(ctx, client)
			if err != nil {
				return nil, err
			}
			return awskms.OpenKeeper(client, arn, nil), nil
		}}, nil
	}, []drivertest.AsTest{awsErrors{}})
}

func TestAwsKmsByAlias(t *testing.T) {
	client := awsClient(t)
	arn, err := awsKey(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	alias := "alias/" + randomName()
	if _, err := client.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: &alias, TargetKeyId: &arn}); err != nil {
		t.Fatal(err)
	}
	byAlias := opened(t, awskms.OpenKeeper(client, alias, nil), nil)
	byArn := opened(t, awskms.OpenKeeper(client, arn, nil), nil)
	if _, err := byArn.Decrypt(t.Context(), encrypted(t, byAlias)); err != nil {
		t.Fatal(err)
	}
}

func TestAwsKmsErrorCodes(t *testing.T) {
	client := awsClient(t)
	arn, err := awsKey(t.Context(), client)
	if err != nil {
		t.Fatal(err)
	}
	keeper := opened(t, awskms.OpenKeeper(client, arn, nil), nil)
	ciphertext := encrypted(t, keeper)

	t.Run("another context is an invalid argument", func(t *testing.T) {
		other := &awskms.KeeperOptions{EncryptionContext: map[string]string{"tenant": "other"}}
		_, err := opened(t, awskms.OpenKeeper(client, arn, other), nil).Decrypt(t.Context(), ciphertext)
		wantCode(t, err, gcerrors.InvalidArgument)
	})
	t.Run("a missing key is not found", func(t *testing.T) {
		missing := arn[:len(arn)-36] + "00000000-0000-4000-8000-000000000000"
		_, err := opened(t, awskms.OpenKeeper(client, missing, nil), nil).Encrypt(t.Context(), []byte("x"))
		wantCode(t, err, gcerrors.NotFound)
	})
	t.Run("a disabled key is denied", func(t *testing.T) {
		if _, err := client.DisableKey(t.Context(), &kms.DisableKeyInput{KeyId: &arn}); err != nil {
			t.Fatal(err)
		}
		_, err := keeper.Decrypt(t.Context(), ciphertext)
		wantCode(t, err, gcerrors.PermissionDenied)
		var disabled *types.DisabledException
		if !errors.As(err, &disabled) {
			t.Errorf("got %v, want DisabledException", err)
		}
	})
	t.Run("a key that waits for its deletion is a failed precondition", func(t *testing.T) {
		if _, err := client.ScheduleKeyDeletion(t.Context(), &kms.ScheduleKeyDeletionInput{KeyId: &arn}); err != nil {
			t.Fatal(err)
		}
		_, err := keeper.Decrypt(t.Context(), ciphertext)
		wantCode(t, err, gcerrors.FailedPrecondition)
	})
}
