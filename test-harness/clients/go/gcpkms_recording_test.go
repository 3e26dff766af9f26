package clients

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path"
	"strings"
	"testing"

	"cloud.google.com/go/kms/apiv1/kmspb"
	"github.com/google/go-replayers/grpcreplay/proto/grpcreplay"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// TestGcpKmsRecordings repeats calls that went to Google Cloud and wants the answers that came from there.
func TestGcpKmsRecordings(t *testing.T) {
	client := gcpClient(t)
	const parent = "projects/go-cloud-test-216917/locations/global"
	ring, err := client.CreateKeyRing(t.Context(), &kmspb.CreateKeyRingRequest{Parent: parent, KeyRingId: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{"password", "password2"} {
		if _, err := gcpKey(t.Context(), client, ring.Name, id); err != nil {
			t.Fatal(err)
		}
	}
	connection := gcpConnection(t)
	for _, file := range recordings(t, "gcpkms") {
		t.Run(recordingName(file), func(t *testing.T) {
			var known ciphertexts
			entries := rpcEntries(t, file)
			for index, entry := range entries {
				if entry.Kind != grpcreplay.Entry_RESPONSE {
					continue
				}
				call := entries[entry.RefIndex-1]
				t.Run(fmt.Sprintf("%d %s error=%t", index+1, path.Base(call.Method), entry.IsError), func(t *testing.T) {
					repeatRPC(t, connection, call, entry, &known)
				})
			}
		})
	}
}

// rpcEntries reads a file of go-replayers: nine letters, then messages, each after its length; the first is the state of the recorder.
func rpcEntries(t *testing.T, file string) []*grpcreplay.Entry {
	t.Helper()
	bytes, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rest, ok := strings.CutPrefix(string(bytes), "RPCReplay")
	if !ok {
		t.Fatalf("%s is no recording", file)
	}
	var entries []*grpcreplay.Entry
	for first := true; len(rest) > 0; first = false {
		length := binary.LittleEndian.Uint32([]byte(rest))
		message := rest[4 : 4+length]
		rest = rest[4+length:]
		if first {
			continue
		}
		entry := &grpcreplay.Entry{}
		if err := proto.Unmarshal([]byte(message), entry); err != nil {
			t.Fatal(err)
		}
		entries = append(entries, entry)
	}
	if len(entries) == 0 {
		t.Fatal("the recording is empty")
	}
	return entries
}

func repeatRPC(t *testing.T, connection *grpc.ClientConn, call, recorded *grpcreplay.Entry, known *ciphertexts) {
	request, err := call.Message.UnmarshalNew()
	if err != nil {
		t.Fatal(err)
	}
	if decrypt, ok := request.(*kmspb.DecryptRequest); ok {
		decrypt.Ciphertext = known.standIn(decrypt.Ciphertext)
	}
	want, err := recorded.Message.UnmarshalNew()
	if err != nil {
		t.Fatal(err)
	}
	got := responseTo(request)
	refusal := connection.Invoke(t.Context(), call.Method, request, got)
	if recorded.IsError {
		compareStatuses(t, want.(*spb.Status), refusal)
		return
	}
	if refusal != nil {
		t.Fatal(refusal)
	}
	if sealed, ok := got.(*kmspb.EncryptResponse); ok {
		known.pair(want.(*kmspb.EncryptResponse).Ciphertext, sealed.Ciphertext)
	}
	if wanted, shown := maskedResponse(t, want), maskedResponse(t, got); wanted != shown {
		t.Errorf("the service sent %s, the emulator %s", wanted, shown)
	}
}

func responseTo(request proto.Message) proto.Message {
	if _, ok := request.(*kmspb.EncryptRequest); ok {
		return &kmspb.EncryptResponse{}
	}
	return &kmspb.DecryptResponse{}
}

func compareStatuses(t *testing.T, want *spb.Status, refusal error) {
	t.Helper()
	got := status.Convert(refusal).Proto()
	if got.Code != want.Code || got.Message != want.Message {
		t.Errorf("the service refused with %d %q, the emulator with %d %q", want.Code, want.Message, got.Code, got.Message)
	}
	if wanted, shown := detailNames(want), detailNames(got); wanted != shown {
		t.Errorf("the service sent the details [%s], the emulator [%s]", wanted, shown)
	}
}

func detailNames(refusal *spb.Status) string {
	var names []string
	for _, detail := range refusal.Details {
		names = append(names, string(detail.MessageName()))
	}
	return strings.Join(names, ", ")
}

// maskedResponse hides a ciphertext, which is random, once its checksum is known to be right.
func maskedResponse(t *testing.T, response proto.Message) string {
	t.Helper()
	if sealed, ok := response.(*kmspb.EncryptResponse); ok {
		checksum := int64(crc32.Checksum(sealed.Ciphertext, crc32.MakeTable(crc32.Castagnoli)))
		if len(sealed.Ciphertext) == 0 || sealed.CiphertextCrc32C.GetValue() != checksum {
			t.Errorf("the checksum %v is not that of the ciphertext", sealed.CiphertextCrc32C)
		}
		sealed = proto.Clone(sealed).(*kmspb.EncryptResponse)
		sealed.Ciphertext, sealed.CiphertextCrc32C = []byte("RANDOM"), wrapperspb.Int64(0)
		response = sealed
	}
	text, err := protojson.MarshalOptions{EmitUnpopulated: true}.Marshal(response)
	if err != nil {
		t.Fatal(err)
	}
	return masked(string(text))
}
