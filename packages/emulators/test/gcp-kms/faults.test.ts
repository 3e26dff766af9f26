import { randomBytes } from "node:crypto";
import { describe, expect, test, vi } from "vitest";
import { crc32c } from "../../src/gcp-kms/crc32c.ts";
import { failureOf, newClient, once, runningGcpKms, textOf, transports } from "./running-gcp-kms.ts";

const kms = runningGcpKms();

describe.each(transports)("over %s", (transport) => {
  const encrypt = async (name: string, options: { timeout: number; retry: null } = once()) =>
    (await kms.client(transport).encrypt({ name, plaintext: Buffer.from("a secret") }, options))[0];

  test("throttled is the error of a quota", async () => {
    const name = kms.service.admin.createKey();
    kms.service.admin.fail({ as: "throttled" });
    const failure = await failureOf(encrypt(name));
    expect(failure).toMatchObject({ code: 8, reason: "RATE_LIMIT_EXCEEDED", domain: "googleapis.com" });
    expect(textOf(failure)).toMatch(/^Quota exceeded for quota metric 'Cryptographic requests'/);
    expect(failure.statusDetails?.some((detail) => "retryDelay" in detail)).toBe(false);
    await encrypt(name);
  });

  test("throttled asks to wait when it is told to", async () => {
    const name = kms.service.admin.createKey();
    kms.service.admin.askToWait(1_250);
    kms.service.admin.fail({ as: "throttled" });
    const { statusDetails } = await failureOf(encrypt(name));
    expect(statusDetails?.find((detail) => "retryDelay" in detail)).toMatchObject({ retryDelay: { nanos: 250_000_000 } });
  });

  test("unavailable is the error of the service", async () => {
    kms.service.admin.fail({ as: "unavailable" });
    expect((await failureOf(encrypt(kms.service.admin.createKey()))).code).toBe(14);
  });

  test("reset breaks the connection", async () => {
    const name = kms.service.admin.createKey();
    await encrypt(name);
    kms.service.admin.fail({ as: "reset" });
    const failure = await failureOf(encrypt(name));
    expect(failure.code).toBe(14);
    expect(textOf(failure)).toContain("ECONNRESET");
    await encrypt(name);
  });

  test("timeout never answers", async () => {
    kms.service.admin.fail({ as: "timeout" });
    expect((await failureOf(encrypt(kms.service.admin.createKey(), { timeout: 100, retry: null }))).code).toBe(4);
  });

  test("garbage is no answer of the protocol", async () => {
    kms.service.admin.fail({ as: "garbage" });
    const failure = await failureOf(encrypt(kms.service.admin.createKey()));
    expect(failure.code).toBe(transport === "gRPC" ? 13 : 14);
    expect(failure.message).toMatch(transport === "gRPC" ? /parsing error/ : /not valid JSON/);
  });

  test("wrong-key answers under the name of another key", async () => {
    const name = kms.service.admin.createKey();
    kms.service.admin.fail({ as: "wrong-key", times: 2 });
    const answer = await encrypt(name);
    expect(answer.name).toMatch(/\/cryptoKeys\/another-key-\d+\/cryptoKeyVersions\/1$/);
    const [key] = await kms.client(transport).getCryptoKey({ name }, once());
    expect(key.name).not.toBe(name);
    expect(key.primary?.name).toBe(`${key.name}/cryptoKeyVersions/1`);
    expect((await kms.client(transport).decrypt({ name, ciphertext: answer.ciphertext ?? "" }, once()))[0].plaintext).toHaveLength(8);
  });

  test("wrong-length takes a byte from the value, and gives it the checksum of what is left", async () => {
    const name = kms.service.admin.createKey();
    const { ciphertext } = await encrypt(name);
    kms.service.admin.fail({ as: "wrong-length" });
    const [{ plaintext, plaintextCrc32c }] = await kms.client(transport).decrypt({ name, ciphertext: ciphertext ?? "" }, once());
    expect(plaintext).toEqual(Buffer.from("a secre"));
    expect(plaintextCrc32c?.value).toBe(String(crc32c(Buffer.from("a secre"))));
  });

  test("slow answers late", async () => {
    const name = kms.service.admin.createKey();
    await encrypt(name);
    kms.service.admin.fail({ as: "slow", afterMs: 200 });
    const start = performance.now();
    await encrypt(name);
    expect(performance.now() - start).toBeGreaterThan(190);
  });

  test("a fault meets the operation that it names, as often as it says, and is in the log", async () => {
    const name = kms.service.admin.createKey();
    kms.service.admin.fail({ operation: "decrypt", as: "unavailable", times: 2 });
    const { ciphertext } = await encrypt(name);
    const decrypt = () => kms.client(transport).decrypt({ name, ciphertext: ciphertext ?? "" }, once());
    await failureOf(decrypt());
    await failureOf(decrypt());
    await decrypt();
    expect(kms.service.admin.takeRequests()).toEqual([
      { operation: "Encrypt", key: name, credential: undefined, fault: undefined },
      { operation: "Decrypt", key: name, credential: undefined, fault: "unavailable" },
      { operation: "Decrypt", key: name, credential: undefined, fault: "unavailable" },
      { operation: "Decrypt", key: name, credential: undefined, fault: undefined },
    ]);
    kms.service.admin.fail({ as: "unavailable", times: Infinity });
    kms.service.admin.clearFaults();
    await decrypt();
    expect(() => kms.service.admin.fail({ operation: "GenerateDataKey", as: "unavailable" })).toThrow(RangeError);
  });

  test("damage on the way shows where the checksums are", async () => {
    const name = kms.service.admin.createKey();
    const plaintext = randomBytes(32);
    const ask = async () =>
      (await kms.client(transport).encrypt({ name, plaintext, plaintextCrc32c: { value: crc32c(plaintext) } }, once()))[0];
    kms.service.admin.corruptNext("Encrypt");
    const flipped = await ask();
    expect(flipped.ciphertextCrc32c?.value).not.toBe(String(crc32c(flipped.ciphertext as Buffer)));
    kms.service.admin.corruptNext("Encrypt", "answer-checksum");
    expect((await ask()).ciphertextCrc32c).toBeNull();
    kms.service.admin.corruptNext("Encrypt", "request-checksum");
    expect((await ask()).verifiedPlaintextCrc32c).toBe(false);
    kms.service.admin.corruptNext("Encrypt", "request");
    expect(textOf(await failureOf(ask()))).toBe("The checksum in field plaintext_crc32c did not match the data in field plaintext.");
    expect((await ask()).verifiedPlaintextCrc32c).toBe(true);
  });

  test("the key of a request is a keyRef, wherever the request names it", async () => {
    const name = kms.service.admin.createKey();
    const version = `${name}/cryptoKeyVersions/1`;
    const client = kms.client(transport);
    await client.encrypt({ name: version, plaintext: Buffer.from("x") }, once());
    await client.getCryptoKeyVersion({ name: version }, once());
    await client.listCryptoKeyVersions({ parent: name }, once());
    await client.updateCryptoKeyVersion(
      { cryptoKeyVersion: { name: version, state: "ENABLED" }, updateMask: { paths: ["state"] } },
      once(),
    );
    await client.listKeyRings({ parent: "projects/p/locations/l" }, once());
    expect(kms.service.admin.takeRequests().map(({ key }) => key)).toEqual([name, name, name, name, undefined]);
  });
});

test("the calls that their client gave up are told, and no others", async () => {
  const name = kms.service.admin.createKey();
  const client = newClient(kms.service, "gRPC");
  await client.encrypt({ name, plaintext: Buffer.from("x") }, once());
  await failureOf(client.getCryptoKey({ name: `${name}-missing` }, once()));
  kms.service.admin.fail({ as: "reset" });
  await failureOf(client.encrypt({ name, plaintext: Buffer.from("x") }, once()));
  kms.service.admin.fail({ as: "timeout", times: 2 });
  const controller = new AbortController();
  const aborted = failureOf(client.encrypt({ name, plaintext: Buffer.from("x") }, { ...once(), signal: controller.signal }));
  await vi.waitFor(() => expect(kms.service.admin.takeRequests().some(({ fault }) => fault === "timeout")).toBe(true));
  expect(kms.service.admin.takeCancelled()).toEqual([]);
  controller.abort();
  await aborted;
  await failureOf(client.getCryptoKey({ name }, { timeout: 50, retry: null }));
  const cancelled: string[] = [];
  await vi.waitFor(() => {
    cancelled.push(...kms.service.admin.takeCancelled());
    expect(cancelled).toEqual(["Encrypt", "GetCryptoKey"]);
  });
  await client.close();
});
