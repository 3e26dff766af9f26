package clients

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"sort"
	"testing"
)

// exchange is a request and what the real service answered.
type exchange struct {
	Request struct {
		Method, URL, MediaType string
		Header                 http.Header
		BodyParts              [][]byte
	}
	Response struct {
		StatusCode int
		Header     http.Header
		Body       []byte
	}
}

func (e exchange) requestBody() []byte { return bytes.Join(e.Request.BodyParts, nil) }

func httpExchanges(t *testing.T, file string) []exchange {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var recording struct{ Entries []exchange }
	if err := json.Unmarshal(text, &recording); err != nil {
		t.Fatal(err)
	}
	if len(recording.Entries) == 0 {
		t.Fatal("the recording is empty")
	}
	return recording.Entries
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

func send(t *testing.T, client *http.Client, request *http.Request) answer {
	t.Helper()
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{response.StatusCode, response.Header, body}
}

// readHeaders are those that SDKs read, and whether their values must be the same: a request id only has to be there.
var readHeaders = map[string]bool{"Content-Type": true, "Www-Authenticate": true, "X-Amzn-Requestid": false, "X-Ms-Request-Id": false}

func compareHeaders(t *testing.T, recorded, ours http.Header) {
	t.Helper()
	for name, sameValue := range readHeaders {
		want, got := masked(recorded.Get(name)), masked(ours.Get(name))
		if (want == "") != (got == "") || (sameValue && want != got) {
			t.Errorf("header %s: the service sent %q, the emulator %q", name, want, got)
		}
	}
}

// compareBodies wants the same JSON but for identifiers and the members that are random.
func compareBodies(t *testing.T, recorded, ours []byte, random string) {
	t.Helper()
	want, got := maskedJSON(t, recorded, random), maskedJSON(t, ours, random)
	if want != got {
		t.Errorf("body: the service sent %s, the emulator %s", want, got)
	}
}

func maskedJSON(t *testing.T, body []byte, random string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	if text, ok := members[random].(string); ok && text != "" {
		members[random] = "RANDOM"
	}
	sorted, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return masked(string(sorted))
}

func memberNames(t *testing.T, body []byte) []string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// member reads one string of a JSON object; the empty string where there is none.
func member(t *testing.T, body []byte, name string) string {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	text, _ := members[name].(string)
	return text
}

// withMember is the same JSON object with one string replaced.
func withMember(t *testing.T, body []byte, name, value string) []byte {
	t.Helper()
	var members map[string]any
	if err := json.Unmarshal(body, &members); err != nil {
		t.Fatalf("%v in %q", err, body)
	}
	members[name] = value
	changed, err := json.Marshal(members)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}
