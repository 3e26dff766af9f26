package clients

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// recordings finds the files in which gocloud.dev keeps what a real service answered to its conformance tests. They lie in the module, not here.
func recordings(t *testing.T, driver string) []string {
	t.Helper()
	found, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "gocloud.dev").Output()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	err = filepath.WalkDir(filepath.Join(strings.TrimSpace(string(found)), "secrets", driver, "testdata"), func(path string, _ os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".replay" {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("gocloud.dev carries no recordings of %s", driver)
	}
	return files
}

func recordingName(file string) string {
	return strings.TrimSuffix(filepath.Base(file), ".replay")
}

// damages are what the conformance tests of gocloud.dev do to a ciphertext, in their order.
var damages = []func([]byte) []byte{
	func(sound []byte) []byte { return append([]byte{sound[0] + 1}, sound[1:]...) },
	func(sound []byte) []byte { return append([]byte{sound[0]}, sound[2:]...) },
	func(sound []byte) []byte {
		last := len(sound) - 1
		return append(append([]byte{}, sound[:last-1]...), sound[last]-1)
	},
}

// ciphertexts stands ciphertexts of the emulator in for the recorded ones, which only the real service opens.
type ciphertexts struct {
	recorded, ours [][]byte
}

func (c *ciphertexts) pair(recorded, ours []byte) {
	c.recorded = append(c.recorded, recorded)
	c.ours = append(c.ours, ours)
}

// standIn is sound where the recorded ciphertext was, and damaged in the same way where it was damaged. Any other stays as it is.
func (c *ciphertexts) standIn(recorded []byte) []byte {
	for index, sound := range c.recorded {
		if bytes.Equal(recorded, sound) {
			return c.ours[index]
		}
		for _, damage := range damages {
			if bytes.Equal(recorded, damage(sound)) {
				return damage(c.ours[index])
			}
		}
	}
	return recorded
}

var masks = []struct {
	pattern *regexp.Regexp
	mask    string
}{
	{regexp.MustCompile(`https://[^/"]+/keys/`), "https://HOST/keys/"},
	{regexp.MustCompile(`authorization="https://[^"]+"`), `authorization="https://AUTHORITY"`},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "64 HEX"},
	{regexp.MustCompile(`\b[0-9a-f]{32}\b`), "32 HEX"},
	{regexp.MustCompile(`arn:aws:kms:[a-z0-9-]+:\d{12}:`), "arn:aws:kms:REGION:ACCOUNT:"},
	{regexp.MustCompile(`/cryptoKeyVersions/\d+`), "/cryptoKeyVersions/N"},
}

// masked hides what differs between two accounts of the same service: identifiers, regions, hosts.
func masked(text string) string {
	for _, m := range masks {
		text = m.pattern.ReplaceAllString(text, m.mask)
	}
	return text
}
