package clients

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"testing"
)

// TestAzureKeyVaultRecordings repeats requests that went to Azure and wants the answers that came from there.
func TestAzureKeyVaultRecordings(t *testing.T) {
	client := azureClient(t)
	for _, name := range []string{"test1", "test2"} {
		if _, err := azureKey(t.Context(), client, name); err != nil {
			t.Fatal(err)
		}
	}
	for _, file := range recordings(t, "azurekeyvault") {
		t.Run(recordingName(file), func(t *testing.T) {
			var known ciphertexts
			for index, recorded := range httpExchanges(t, file) {
				address, err := url.Parse(recorded.Request.URL)
				if err != nil {
					t.Fatal(err)
				}
				t.Run(fmt.Sprintf("%d %s %d", index+1, path.Base(address.Path), recorded.Response.StatusCode), func(t *testing.T) {
					repeatAzure(t, address, recorded, &known)
				})
			}
		})
	}
}

func repeatAzure(t *testing.T, address *url.URL, recorded exchange, known *ciphertexts) {
	body, operation := recorded.requestBody(), path.Base(address.Path)
	if operation == "decrypt" && len(body) > 0 {
		body = withMember(t, body, "value", base64.RawURLEncoding.EncodeToString(known.standIn(value(t, body))))
	}
	request, err := http.NewRequestWithContext(t.Context(), recorded.Request.Method, setting(t, "EMULATOR_AZURE_KEY_VAULT")+address.RequestURI(), bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Accept", recorded.Request.Header.Get("Accept"))
	if recorded.Request.MediaType != "" {
		request.Header.Set("Content-Type", recorded.Request.MediaType)
	}
	// A recording holds no token. Those requests that were refused for want of one had none.
	if recorded.Response.StatusCode != http.StatusUnauthorized {
		request.Header.Set("Authorization", "Bearer "+setting(t, "EMULATOR_AZURE_KEY_VAULT_TOKEN"))
	}
	got := send(t, azureHTTPClient(t), request)
	if got.status != recorded.Response.StatusCode {
		t.Fatalf("the service answered %d, the emulator %d %s", recorded.Response.StatusCode, got.status, got.body)
	}
	compareHeaders(t, recorded.Response.Header, got.header)
	if operation == "encrypt" && got.status == http.StatusOK {
		known.pair(value(t, recorded.Response.Body), value(t, got.body))
		compareBodies(t, recorded.Response.Body, got.body, "value")
		return
	}
	compareBodies(t, recorded.Response.Body, got.body, "")
}

func value(t *testing.T, body []byte) []byte {
	t.Helper()
	bytes, err := base64.RawURLEncoding.DecodeString(member(t, body, "value"))
	if err != nil || len(bytes) == 0 {
		t.Fatalf("no value in %s", body)
	}
	return bytes
}
