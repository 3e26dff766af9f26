import { expect, test } from "vitest";
import { runningGcpKms } from "./running-gcp-kms.ts";

// What is on the wire, without the SDK.
const kms = runningGcpKms();

test("encrypts and decrypts JSON: bytes in base64, 64-bit numbers as text, enums by name, defaults left out", async () => {
  const name = kms.service.admin.createKey();
  const encrypted = await kms.rest(`/v1/${name}:encrypt`, { plaintext: "YSBzZWNyZXQ=" });
  expect(encrypted).toMatchObject({
    status: 200,
    body: { name: `${name}/cryptoKeyVersions/1`, ciphertextCrc32c: expect.stringMatching(/^\d+$/), protectionLevel: "SOFTWARE" },
  });
  expect(encrypted.body).not.toHaveProperty("verifiedPlaintextCrc32c");
  const { ciphertext } = encrypted.body as { ciphertext: string };
  expect(await kms.rest(`/v1/${name}:decrypt`, { ciphertext })).toMatchObject({
    status: 200,
    body: { plaintext: "YSBzZWNyZXQ=", plaintextCrc32c: String(0x0859d37c), usedPrimary: true, protectionLevel: "SOFTWARE" },
  });
});

test("gives enums as numbers to a client that asks for it", async () => {
  const name = kms.service.admin.createKey();
  const { body } = await kms.rest(`/v1/${name}?$alt=json;enum-encoding=int`);
  expect(body).toMatchObject({ purpose: 1, primary: { state: 1, algorithm: 1 } });
  const named = await kms.rest(`/v1/${name}`);
  expect(named.body).toMatchObject({
    purpose: "ENCRYPT_DECRYPT",
    destroyScheduledDuration: "2592000s",
    createTime: expect.stringMatching(/Z$/),
  });
});

test.each([
  ["a ciphertext that was changed", ":decrypt", { ciphertext: "bWFsZm9ybWVk" }, 400, "INVALID_ARGUMENT"],
  ["a field that is not known", ":encrypt", { plain: "" }, 400, "INVALID_ARGUMENT"],
  ["text where bytes are needed", ":encrypt", { plaintext: "***" }, 400, "INVALID_ARGUMENT"],
  ["a list instead of an object", ":encrypt", [], 400, "INVALID_ARGUMENT"],
  ["no JSON", ":encrypt", "{", 400, "INVALID_ARGUMENT"],
  ["a checksum that is no number", ":encrypt", { plaintext: "", plaintextCrc32c: "x" }, 400, "INVALID_ARGUMENT"],
  ["a key that does not exist", "-missing:encrypt", { plaintext: "" }, 404, "NOT_FOUND"],
] as const)("answers %s with a JSON error", async (_, path, request, status, name) => {
  const key = kms.service.admin.createKey();
  const answer = await kms.rest(`/v1/${key}${path}`, request);
  expect(answer).toMatchObject({ status, body: { error: { code: status, status: name, message: expect.any(String) } } });
});

test("tells a disabled key by 400 and FAILED_PRECONDITION, with details by type", async () => {
  const key = kms.service.admin.createKey();
  kms.service.admin.disableKey(key);
  expect(await kms.rest(`/v1/${key}:encrypt`, { plaintext: "" })).toMatchObject({
    status: 400,
    body: {
      error: {
        status: "FAILED_PRECONDITION",
        details: [{ "@type": "type.googleapis.com/google.rpc.PreconditionFailure", violations: [{ type: "KEY_DISABLED" }] }],
      },
    },
  });
});

test.each(["/", "/v1/projects", "/v2/x", "/v1/projects/p/locations/l/keyRings/r/cryptoKeys/k:encrypt"])(
  "has a page for the path %s, which is none of the API's GET methods",
  async (path) => {
    expect(await kms.rest(path)).toMatchObject({ status: 404, type: "text/html; charset=UTF-8" });
  },
);

test("knows the caller by the bearer token", async () => {
  const key = kms.service.admin.createKey();
  await kms.rest(`/v1/${key}`, undefined, { authorization: "Bearer alice" });
  await kms.rest(`/v1/${key}`, undefined, { authorization: "Basic alice" });
  expect(kms.service.admin.takeRequests().map(({ credential }) => credential)).toEqual(["alice", undefined]);
});
