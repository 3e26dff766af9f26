import { constants, publicEncrypt } from "node:crypto";
import { GetPublicKeyCommand } from "@aws-sdk/client-kms";
import { type Kek, type KekWrapper, open, seal, verify } from "@letterlock/core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { awsKmsPublicKey, awsKmsRsa } from "../src/index.ts";
import { kekCall, newDataKey } from "./support/kek-call.ts";
import { codeOf, rejectionOf } from "./support/rejection.ts";
import { runningAwsKms } from "./support/running-aws-kms.ts";

const kms = runningAwsKms();
const context = { tenant: "acme" };
const message = new Uint8Array([1, 2, 3]);
let keyArn: string;
let kek: Kek;
let offline: KekWrapper;

beforeAll(async () => {
  keyArn = await kms.admin.createKey({ spec: "RSA_2048" });
  const client = kms.client();
  kek = awsKmsRsa({ client, keyArn });
  const { PublicKey = new Uint8Array() } = await client.send(new GetPublicKeyCommand({ KeyId: keyArn }));
  offline = awsKmsPublicKey({ publicKey: PublicKey, keyArn });
});

beforeEach(() => {
  kms.admin.clearFaults();
  kms.admin.takeRequests();
});

const recipientOf = (wrapped: Uint8Array) => ({ provider: "aws-kms", keyRef: keyArn, wrapped });

test("seals and opens through the service", async () => {
  const envelope = await seal(message, [kek], { context });
  expect(await open(envelope, [kek], { context })).toEqual(message);
  expect(kms.admin.takeRequests().map(({ operation, key }) => [operation, key])).toEqual([
    ["Encrypt", keyArn],
    ["Decrypt", keyArn],
  ]);
});

test("seals offline and opens through the service", async () => {
  const envelope = await seal(message, [offline], { context });
  expect(kms.admin.takeRequests()).toEqual([]);
  expect(await open(envelope, [kek], { context })).toEqual(message);
});

test("wraps the same data key differently each time, into the length of the modulus", async () => {
  const dataKey = newDataKey();
  const wraps = await Promise.all([offline, offline, kek, kek].map((one) => one.wrap(dataKey, kekCall())));
  expect(new Set(wraps.map(({ wrapped }) => Buffer.from(wrapped).toString("hex"))).size).toBe(4);
  for (const { wrapped, keyVersion } of wraps) expect([wrapped.length, keyVersion]).toEqual([256, undefined]);
});

test("binds the context in the header alone", async () => {
  const dataKey = newDataKey();
  const { wrapped } = await kek.wrap(dataKey, kekCall());
  const elsewhere = kekCall({ encryptionContext: { tenant: "other", letterlock: "1/1/1" } });
  expect(await kek.unwrap(recipientOf(wrapped), elsewhere)).toEqual(dataKey);
  const envelope = await seal(message, [offline], { context });
  expect(await codeOf(open(envelope, [kek], { context: { tenant: "other" } }))).toBe("context-mismatch");
});

test("is left out where only authenticated wraps will do, without a call", async () => {
  const envelope = await seal(message, [offline], { context });
  expect(await codeOf(open(envelope, [kek], { context, requireAuthenticatedWrap: true }))).toBe("no-matching-kek");
  expect(kms.admin.takeRequests()).toEqual([]);
});

describe("wrapped bytes", () => {
  test("of a length that no RSA key of the service makes are refused without a call", async () => {
    for (const length of [0, 1, 255, 257, 383, 385, 511, 513, 1024]) {
      const error = await rejectionOf(kek.unwrap(recipientOf(new Uint8Array(length)), kekCall()));
      expect(kek.errorCode(error)).toBe("not-authentic");
    }
    expect(kms.admin.takeRequests()).toEqual([]);
  });

  test("of another key's length, or changed, are not-authentic", async () => {
    const { wrapped } = await offline.wrap(newDataKey(), kekCall());
    const changed = wrapped.map((byte, at) => (at === 100 ? byte ^ 1 : byte));
    for (const bytes of [changed, new Uint8Array(384).fill(1), new Uint8Array(512).fill(1)]) {
      const error = await rejectionOf(kek.unwrap(recipientOf(bytes), kekCall()));
      expect(kek.errorCode(error)).toBe("not-authentic");
    }
  });

  test("of another algorithm are not-authentic", async () => {
    const { PublicKey = new Uint8Array() } = await kms.client().send(new GetPublicKeyCommand({ KeyId: keyArn }));
    const key = { key: Buffer.from(PublicKey), format: "der", type: "spki" } as const;
    const wrapped = publicEncrypt({ ...key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" }, newDataKey());
    const error = await rejectionOf(kek.unwrap(recipientOf(wrapped), kekCall()));
    expect(kek.errorCode(error)).toBe("not-authentic");
  });

  test("of the service that are too short are not stored", async () => {
    kms.admin.fail({ operation: "Encrypt", as: "wrong-length" });
    expect(await codeOf(seal(message, [kek]))).toBe("provider-error");
  });
});

test("an answer from another key is refused", async () => {
  const { wrapped } = await offline.wrap(newDataKey(), kekCall());
  kms.admin.fail({ as: "wrong-key", times: 2 });
  for (const error of [
    await rejectionOf(kek.wrap(newDataKey(), kekCall())),
    await rejectionOf(kek.unwrap(recipientOf(wrapped), kekCall())),
  ]) {
    expect(kek.errorCode(error)).toBe("provider-error");
  }
});

test("a public key that belongs to another key makes what does not open", async () => {
  const other = await kms.admin.createKey({ spec: "RSA_2048" });
  const { PublicKey = new Uint8Array() } = await kms.client().send(new GetPublicKeyCommand({ KeyId: other }));
  const envelope = await seal(message, [awsKmsPublicKey({ publicKey: PublicKey, keyArn })]);
  expect(await codeOf(open(envelope, [kek]))).toBe("not-authentic");
});

test("owns the replicas of a multi-Region key", async () => {
  const multi = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
  const mine = awsKmsRsa({ client: kms.client(), keyArn: multi });
  const wrapped = new Uint8Array(256);
  expect(mine.owns({ provider: "aws-kms", keyRef: multi.replace("us-east-1", "eu-west-1"), wrapped })).toBe(true);
  expect(mine.owns({ provider: "aws-kms", keyRef: multi.replace("mrk-1", "mrk-2"), wrapped })).toBe(false);
  expect(mine.owns({ provider: "azure-key-vault", keyRef: multi, wrapped })).toBe(false);
});

test("is verified like any other, and unusable while it is disabled", async () => {
  const good = await seal(message, [offline], { context });
  expect((await verify(good, [kek], { context })).ok).toBe(true);
  kms.admin.disableKey(keyArn);
  expect(await codeOf(verify(good, [kek], { context }))).toBe("kek-unusable");
  kms.admin.enableKey(keyArn);
});
