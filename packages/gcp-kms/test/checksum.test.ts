import { randomBytes } from "node:crypto";
import { kekErrorCode } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { type GcpKmsClient, gcpKms } from "../src/index.ts";
import type { EncryptAnswer, EncryptRequest } from "../src/kms-client.ts";
import { clientKinds } from "./support/gcp-clients.ts";
import { kekCall, rejectionOf, wrappedBy } from "./support/kek-call.ts";
import { runningGcpKms } from "./support/running-gcp-kms.ts";

const kms = runningGcpKms();

describe.each(clientKinds)("with a client of %s", (kind) => {
  test.each([
    ["answer", "Encrypt", "the ciphertext was damaged"],
    ["answer", "Decrypt", "the plaintext was damaged"],
    ["answer-checksum", "Encrypt", "came without its checksum"],
    ["answer-checksum", "Decrypt", "came without its checksum"],
    ["request", "Encrypt", "The checksum in field plaintext_crc32c did not match"],
    ["request", "Decrypt", "The checksum in field ciphertext_crc32c did not match"],
    ["request-checksum", "Encrypt", "did not verify the checksums of the request"],
  ] as const)("takes the %s of %s that is damaged on its way for a failure that passes", async (where, operation, text) => {
    const kek = kms.kek(kind);
    const dataKey = randomBytes(32);
    const recipient = await wrappedBy(kek, dataKey);
    kms.service.admin.corruptNext(operation, where);
    const call = () => (operation === "Encrypt" ? kek.wrap(dataKey, kekCall()) : kek.unwrap(recipient, kekCall()));
    const error = await rejectionOf(call());
    expect(String(error)).toContain(text);
    expect(kekErrorCode(kek, error)).toBe("unavailable");
    await call();
  });
});

test("sends the checksums of what it sends", async () => {
  const sent: EncryptRequest[] = [];
  const kek = answering((request, answer) => {
    sent.push(request);
    return answer;
  });
  await kek.wrap(Buffer.from("123456789"), { ...kekCall(), associatedData: new Uint8Array(32) });
  // The check value of CRC-32C, and the first example of RFC 3720, appendix B.4.
  expect(sent).toMatchObject([{ plaintextCrc32c: { value: 0xe3069283 }, additionalAuthenticatedDataCrc32c: { value: 0x8a9136aa } }]);
});

test.each([
  ["verifiedPlaintextCrc32c", false],
  ["verifiedPlaintextCrc32c", undefined],
  ["verifiedAdditionalAuthenticatedDataCrc32c", false],
  ["verifiedAdditionalAuthenticatedDataCrc32c", undefined],
  ["ciphertextCrc32c", null],
  ["ciphertextCrc32c", { value: "0" }],
])("wraps nothing when %s is %j in the answer", async (field, value) => {
  const kek = answering((_, answer) => ({ ...answer, [field]: value }));
  expect(kek.errorCode(await rejectionOf(kek.wrap(randomBytes(32), kekCall())))).toBe("unavailable");
});

test.each([
  ["no name", { name: "" }],
  ["no ciphertext", { ciphertext: null }],
  ["an empty ciphertext", { ciphertext: new Uint8Array(0) }],
  ["text instead of a ciphertext", { ciphertext: "AAAA" }],
])("wraps nothing when the answer has %s", async (_, change) => {
  const kek = answering((_request, answer) => ({ ...answer, ...change }));
  expect(kek.errorCode(await rejectionOf(kek.wrap(randomBytes(32), kekCall())))).toBe("provider-error");
});

test.each(["", "0", "-1", "1/..", "1 ", "x", "9".repeat(20)])("wraps nothing when the answer names version %j", async (version) => {
  const kek = answering(({ name }, answer) => ({ ...answer, name: `${name}/cryptoKeyVersions/${version}` }));
  expect(kek.errorCode(await rejectionOf(kek.wrap(randomBytes(32), kekCall())))).toBe("provider-error");
});

/** A KEK whose answers to Encrypt are changed. */
function answering(change: (request: EncryptRequest, answer: EncryptAnswer) => EncryptAnswer) {
  const client: GcpKmsClient = kms.client();
  const keyName = kms.service.admin.createKey();
  return gcpKms({
    keyName,
    client: {
      decrypt: client.decrypt.bind(client),
      getCryptoKey: client.getCryptoKey.bind(client),
      async encrypt(request, options) {
        const [answer] = await client.encrypt(request, options);
        return [change(request, answer)];
      },
    },
  });
}
