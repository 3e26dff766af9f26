package clients

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/aws-sdk-go-v2/service/kms"
)

// TestAwsKmsRecordings repeats requests that went to AWS and wants the answers that came from there.
func TestAwsKmsRecordings(t *testing.T) {
	client := awsClient(t)
	for _, alias := range []string{"alias/test-secrets", "alias/test-secrets2"} {
		arn, err := awsKey(t.Context(), client)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.CreateAlias(t.Context(), &kms.CreateAliasInput{AliasName: aws.String(alias), TargetKeyId: &arn}); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range recordings(t, "awskms") {
		t.Run(recordingName(file), func(t *testing.T) {
			var known ciphertexts
			for index, recorded := range httpExchanges(t, file) {
				_, operation, _ := strings.Cut(recorded.Request.Header.Get("X-Amz-Target"), ".")
				t.Run(fmt.Sprintf("%d %s %d", index+1, operation, recorded.Response.StatusCode), func(t *testing.T) {
					repeatAws(t, operation, recorded, &known)
				})
			}
		})
	}
}

func repeatAws(t *testing.T, operation string, recorded exchange, known *ciphertexts) {
	body := recorded.requestBody()
	if operation == "Decrypt" {
		body = withMember(t, body, "CiphertextBlob", base64.StdEncoding.EncodeToString(known.standIn(blob(t, body))))
	}
	got := send(t, http.DefaultClient, signedAws(t, recorded, body))
	if got.status != recorded.Response.StatusCode {
		t.Fatalf("the service answered %d, the emulator %d %s", recorded.Response.StatusCode, got.status, got.body)
	}
	compareHeaders(t, recorded.Response.Header, got.header)
	switch {
	case operation == "ListAliases":
		compareAliases(t, recorded.Response.Body, got.body)
	case operation == "Encrypt" && got.status == http.StatusOK:
		known.pair(blob(t, recorded.Response.Body), blob(t, got.body))
		fallthrough
	default:
		compareBodies(t, recorded.Response.Body, got.body, "CiphertextBlob")
	}
}

// compareAliases wants the same members. The aliases of an account are its own; AliasCount is in no model of the API, and no SDK shows it.
func compareAliases(t *testing.T, recorded, ours []byte) {
	t.Helper()
	want := slices.DeleteFunc(memberNames(t, recorded), func(name string) bool { return name == "AliasCount" })
	if names := memberNames(t, ours); !slices.Equal(want, names) {
		t.Errorf("the service sent %v, the emulator %v", want, names)
	}
	if service, emulator := aliasMembers(t, recorded), aliasMembers(t, ours); service != emulator {
		t.Errorf("of an alias the service sent %s, the emulator %s", service, emulator)
	}
}

// aliasMembers is the alias of the conformance tests, without its dates.
func aliasMembers(t *testing.T, body []byte) string {
	t.Helper()
	var list struct{ Aliases []map[string]any }
	if err := json.Unmarshal(body, &list); err != nil {
		t.Fatal(err)
	}
	for _, alias := range list.Aliases {
		if alias["AliasName"] != "alias/test-secrets" {
			continue
		}
		for _, name := range []string{"CreationDate", "LastUpdatedDate"} {
			if _, ok := alias[name].(float64); ok {
				alias[name] = "SECONDS"
			}
		}
		text, err := json.Marshal(alias)
		if err != nil {
			t.Fatal(err)
		}
		return masked(string(text))
	}
	t.Fatal("alias/test-secrets is not there")
	return ""
}

func blob(t *testing.T, body []byte) []byte {
	t.Helper()
	bytes, err := base64.StdEncoding.DecodeString(member(t, body, "CiphertextBlob"))
	if err != nil || len(bytes) == 0 {
		t.Fatalf("no CiphertextBlob in %s", body)
	}
	return bytes
}

func signedAws(t *testing.T, recorded exchange, body []byte) *http.Request {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), recorded.Request.Method, setting(t, "EMULATOR_AWS_KMS")+"/", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", recorded.Request.MediaType)
	request.Header.Set("X-Amz-Target", recorded.Request.Header.Get("X-Amz-Target"))
	digest := sha256.Sum256(body)
	credentials := aws.Credentials{AccessKeyID: "AKIDGOCLOUD", SecretAccessKey: "secret"}
	if err := v4.NewSigner().SignHTTP(t.Context(), credentials, request, hex.EncodeToString(digest[:]), "kms", "eu-central-1", time.Now()); err != nil {
		t.Fatal(err)
	}
	return request
}
