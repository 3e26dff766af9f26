import { DecryptCommand, EncryptCommand, ReEncryptCommand } from "@aws-sdk/client-kms";
import { expect, test } from "vitest";
import { runningAwsKms } from "./support.ts";

const kms = runningAwsKms();

test("opens what it sealed", async () => {
  const client = kms.client();
  const KeyId = await kms.aws.admin.createKey();
  for (const n of [1, 32, 127, 128, 200, 255, 256, 4096]) {
    const Plaintext = new Uint8Array(n).fill(7);
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext: { a: "b" } }));
    const opened = await client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { a: "b" } }));
    expect(Buffer.from(opened.Plaintext ?? [])).toEqual(Buffer.from(Plaintext));
    const again = await client.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId, SourceEncryptionContext: { a: "b" } }));
    expect(again.KeyId).toBe(KeyId);
  }
});
