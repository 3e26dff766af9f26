import { randomBytes } from "node:crypto";
import { open, refresh, seal } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { gcpKms } from "../src/index.ts";
import { clientKinds } from "./support/gcp-clients.ts";
import { kekCall, rejectionOf, wrappedBy } from "./support/kek-call.ts";
import { runningGcpKms } from "./support/running-gcp-kms.ts";

const kms = runningGcpKms();
const context = { tenant: "acme" };

describe.each(clientKinds)("gcpKms with a client of %s", (kind) => {
  test("seals and opens", async () => {
    const kek = kms.kek(kind);
    const envelope = await seal(Buffer.from("hello"), [kek], { context });
    expect(Buffer.from(await open(envelope, [kek], { context })).toString()).toBe("hello");
  });

  test("sends one request for each call, which names the configured key", async () => {
    const kek = kms.kek(kind);
    const dataKey = randomBytes(32);
    const recipient = await wrappedBy(kek, dataKey);
    expect(Buffer.from(await kek.unwrap(recipient, kekCall()))).toEqual(dataKey);
    await kek.currentVersion(kekCall());
    expect(kms.service.admin.takeRequests()).toMatchObject([
      { operation: "Encrypt", key: kek.keyRef },
      { operation: "Decrypt", key: kek.keyRef },
      { operation: "GetCryptoKey", key: kek.keyRef },
    ]);
  });

  test("tells the version that wrapped, and the one that would", async () => {
    const kek = kms.kek(kind);
    const before = await wrappedBy(kek, randomBytes(32));
    kms.service.admin.rotateKey(kek.keyRef);
    const after = await wrappedBy(kek, randomBytes(32));
    expect([before.keyVersion, after.keyVersion, await kek.currentVersion(kekCall())]).toEqual(["1", "2", "2"]);
    expect(await kek.unwrap(before, kekCall())).toHaveLength(32);
  });

  test("binds the associated data at the service", async () => {
    const kek = kms.kek(kind);
    const recipient = await wrappedBy(kek, randomBytes(32));
    const error = await rejectionOf(kek.unwrap(recipient, { ...kekCall(), associatedData: Buffer.from("another") }));
    expect(kek.errorCode(error)).toBe("not-authentic");
  });

  test("gives unwrapped keys in buffers of their own, and leaves the wrapped one alone", async () => {
    const kek = kms.kek(kind);
    const dataKey = randomBytes(32);
    const recipient = await wrappedBy(kek, dataKey);
    const wrapped = Buffer.from(recipient.wrapped);
    const unwrapped = await kek.unwrap(recipient, kekCall());
    expect([unwrapped.buffer.byteLength, unwrapped.byteOffset]).toEqual([32, 0]);
    expect(Buffer.from(recipient.wrapped)).toEqual(wrapped);
  });

  test("refuses the answer of another key", async () => {
    const kek = kms.kek(kind);
    for (const operation of ["Encrypt", "GetCryptoKey"]) kms.service.admin.fail({ operation, as: "wrong-key" });
    for (const failing of [kek.wrap(randomBytes(32), kekCall()), kek.currentVersion(kekCall())]) {
      const error = await rejectionOf(failing);
      expect(String(error)).toContain("another key");
      expect(kek.errorCode(error)).toBe("provider-error");
    }
  });
});

test("refresh moves a recipient to the new primary version", async () => {
  const kek = kms.kek();
  const envelope = await seal(Buffer.from("hello"), [kek]);
  const rotated = kms.service.admin.rotateKey(kek.keyRef);
  const { object, recipients } = await refresh(envelope, [kek]);
  expect(recipients).toMatchObject([{ from: "1", to: rotated, status: "wrapped-again" }]);
  kms.service.admin.disableKey(kek.keyRef, "1");
  expect(Buffer.from(await open(object, [kek])).toString()).toBe("hello");
});

test("currentVersion is undefined for a key without a primary version", async () => {
  const keyName = kms.service.admin.createKey({ purpose: "ASYMMETRIC_DECRYPT" });
  expect(await kms.kek("version 6, gRPC", keyName).currentVersion(kekCall())).toBeUndefined();
});

test.each([
  ["name", (keyName: string) => ({ name: `${keyName}x`, primary: { name: `${keyName}/cryptoKeyVersions/1` } })],
  ["primary version", (keyName: string) => ({ name: keyName, primary: { name: `${keyName}x/cryptoKeyVersions/1` } })],
])("currentVersion refuses an answer with the %s of another key", async (_, answer) => {
  const { keyRef } = kms.kek();
  const unused = async () => expect.unreachable("nothing else is called");
  const kek = gcpKms({ client: { encrypt: unused, decrypt: unused, getCryptoKey: async () => [answer(keyRef)] }, keyName: keyRef });
  expect(kek.errorCode(await rejectionOf(kek.currentVersion(kekCall())))).toBe("provider-error");
});

test("opens with a key of protection level HSM and the largest context", async () => {
  const keyName = kms.service.admin.createKey({ protectionLevel: "HSM" });
  const kek = kms.kek("version 6, gRPC", keyName);
  const large = { first: "x".repeat(2048), second: "x".repeat(2000) };
  const envelope = await seal(Buffer.from("hello"), [kek], { context: large });
  expect(Buffer.from(await open(envelope, [kek], { context: large })).toString()).toBe("hello");
});

test("refuses what cannot be a ciphertext before anything is sent", async () => {
  const kek = kms.kek();
  for (const length of [0, 1, 32, 47]) {
    const recipient = { provider: kek.provider, keyRef: kek.keyRef, wrapped: randomBytes(length) };
    expect(kek.errorCode(await rejectionOf(kek.unwrap(recipient, kekCall())))).toBe("not-authentic");
  }
  expect(kms.service.admin.takeRequests()).toEqual([]);
});

test("owns the recipients of its key, whatever their version says", () => {
  const kek = kms.kek();
  const recipient = { provider: "gcp-kms", keyRef: kek.keyRef, wrapped: new Uint8Array(100) };
  expect(kek.owns(recipient)).toBe(true);
  expect(kek.owns({ ...recipient, keyVersion: "../../7" })).toBe(true);
  for (const other of [{ provider: "aws-kms" }, { keyRef: `${kek.keyRef}x` }, { keyRef: `${kek.keyRef}/cryptoKeyVersions/1` }]) {
    expect(kek.owns({ ...recipient, ...other })).toBe(false);
  }
});

test("is frozen and declares what it can", () => {
  const kek = kms.kek();
  expect(Object.isFrozen(kek)).toBe(true);
  expect(kek).toMatchObject({ provider: "gcp-kms", bindsContext: true, authenticatesWrap: true });
  expect("generate" in kek || "rewrap" in kek).toBe(false);
});
