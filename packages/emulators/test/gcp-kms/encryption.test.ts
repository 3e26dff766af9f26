import { constants, publicEncrypt, randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { crc32c } from "../../src/gcp-kms/crc32c.ts";
import { failureOf, once, runningGcpKms, textOf, transports } from "./running-gcp-kms.ts";

const kms = runningGcpKms();
const invalid = "Decryption failed: the ciphertext is invalid.";
const wrongKey = "Decryption failed: verify that 'name' refers to the correct CryptoKey.";

test("crc32c gives the check value and the example of RFC 3720", () => {
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
});

describe.each(transports)("over %s", (transport) => {
  const encrypt = async (name: string, plaintext: Buffer, more: object = {}) =>
    (await kms.client(transport).encrypt({ name, plaintext, ...more }, once()))[0];
  const decrypt = async (name: string, ciphertext: Uint8Array, more: object = {}) =>
    (await kms.client(transport).decrypt({ name, ciphertext, ...more }, once()))[0];

  test("encrypts with the primary version and decrypts", async () => {
    const name = kms.service.admin.createKey();
    const answer = await encrypt(name, Buffer.from("a secret"));
    const ciphertext = answer.ciphertext as Buffer;
    expect(answer).toMatchObject({
      name: `${name}/cryptoKeyVersions/1`,
      ciphertextCrc32c: { value: String(crc32c(ciphertext)) },
      verifiedPlaintextCrc32c: false,
      verifiedAdditionalAuthenticatedDataCrc32c: false,
      protectionLevel: "SOFTWARE",
    });
    // The checksum is the one that the service is recorded to answer for this plaintext.
    expect(await decrypt(name, ciphertext)).toMatchObject({
      plaintext: Buffer.from("a secret"),
      plaintextCrc32c: { value: String(0x0859d37c) },
      usedPrimary: true,
      protectionLevel: "SOFTWARE",
    });
  });

  test("makes ciphertexts of the recorded lengths and layout", async () => {
    const name = kms.service.admin.createKey();
    const [short, long] = [await encrypt(name, Buffer.from("a secret")), await encrypt(name, Buffer.from("I'm a secret message!"))].map(
      ({ ciphertext }) => ciphertext as Buffer,
    );
    expect([short?.length, long?.length]).toEqual([89, 103]);
    expect(short?.subarray(0, 3).toString("hex")).toBe("0a2500");
    expect(short?.subarray(0, 7)).toEqual(long?.subarray(0, 7));
    expect(short?.subarray(7, 39)).not.toEqual(long?.subarray(7, 39));
  });

  test("encrypts with a version that is named, and says that it was not the primary one", async () => {
    const name = kms.service.admin.createKey();
    expect(kms.service.admin.rotateKey(name)).toBe("2");
    const { ciphertext, name: version } = await encrypt(`${name}/cryptoKeyVersions/1`, Buffer.from("a secret"));
    expect(version).toBe(`${name}/cryptoKeyVersions/1`);
    expect(await decrypt(name, ciphertext as Buffer)).toMatchObject({ plaintext: Buffer.from("a secret"), usedPrimary: false });
  });

  test("does not decrypt with a version that is named", async () => {
    const name = kms.service.admin.createKey();
    const { ciphertext } = await encrypt(name, Buffer.from("a secret"));
    // Over REST there is no such path, and the client knows it.
    const { code } = await failureOf(decrypt(`${name}/cryptoKeyVersions/1`, ciphertext as Buffer));
    expect(code).toBe(transport === "gRPC" ? 3 : undefined);
  });

  test("binds the additional authenticated data exactly", async () => {
    const name = kms.service.admin.createKey();
    const additionalAuthenticatedData = Buffer.from("sample AAD");
    const { ciphertext } = await encrypt(name, Buffer.from("a secret"), { additionalAuthenticatedData });
    await decrypt(name, ciphertext as Buffer, { additionalAuthenticatedData });
    for (const other of ["different AAD", "", "sample AA", "sample AAD "]) {
      const failure = await failureOf(decrypt(name, ciphertext as Buffer, { additionalAuthenticatedData: Buffer.from(other) }));
      expect([failure.code, textOf(failure)]).toEqual([3, "Decryption failed."]);
      expect(failure.statusDetails).toMatchObject([{ detail: expect.stringContaining("AEAD open failed") }]);
    }
  });

  test("refuses what is no ciphertext, and what another key encrypted, in the words of the service", async () => {
    const name = kms.service.admin.createKey();
    const ciphertext = (await encrypt(name, Buffer.from("a secret"))).ciphertext as Buffer;
    // What the recordings change: the first byte, the second is missing, the last is missing.
    const firstByte = Buffer.concat([Buffer.of((ciphertext[0] ?? 0) + 1), ciphertext.subarray(1)]);
    const malformed = [firstByte, Buffer.concat([ciphertext.subarray(0, 1), ciphertext.subarray(2)]), ciphertext.subarray(0, -1)];
    for (const one of [...malformed, Buffer.from("malformed cipher message"), Buffer.alloc(0)]) {
      const failure = await failureOf(decrypt(name, one));
      expect([failure.code, textOf(failure)]).toEqual([3, invalid]);
      expect(failure.statusDetails).toMatchObject([{ detail: "client_ciphertext.ParseFromString()" }]);
    }
    const other = await failureOf(decrypt(kms.service.admin.createKey(), ciphertext));
    expect([other.code, textOf(other)]).toEqual([3, wrongKey]);
  });

  test("verifies the checksums of requests", async () => {
    const name = kms.service.admin.createKey();
    const plaintext = randomBytes(32);
    const additionalAuthenticatedData = randomBytes(10);
    const plaintextCrc32c = { value: crc32c(plaintext) };
    const additionalAuthenticatedDataCrc32c = { value: crc32c(additionalAuthenticatedData) };
    const answer = await encrypt(name, plaintext, { additionalAuthenticatedData, plaintextCrc32c, additionalAuthenticatedDataCrc32c });
    expect(answer).toMatchObject({ verifiedPlaintextCrc32c: true, verifiedAdditionalAuthenticatedDataCrc32c: true });
    const ciphertext = answer.ciphertext as Buffer;
    const wrong = { value: 1 };
    const failures = {
      plaintext: () => encrypt(name, plaintext, { plaintextCrc32c: wrong }),
      additional_authenticated_data: () => encrypt(name, plaintext, { additionalAuthenticatedDataCrc32c: wrong }),
      ciphertext: () => decrypt(name, ciphertext, { additionalAuthenticatedData, ciphertextCrc32c: wrong }),
    };
    for (const [field, failing] of Object.entries(failures)) {
      const failure = await failureOf(failing());
      expect([failure.code, textOf(failure)]).toEqual([
        3,
        `The checksum in field ${field}_crc32c did not match the data in field ${field}.`,
      ]);
    }
  });

  test("takes 64 KiB of plaintext and of AAD, and for an HSM key 8 KiB of both", async () => {
    const [name, hsm] = [kms.service.admin.createKey(), kms.service.admin.createKey({ protectionLevel: "HSM" })];
    const aad = (length: number) => ({ additionalAuthenticatedData: Buffer.alloc(length) });
    await encrypt(name, Buffer.alloc(65_536), aad(65_536));
    expect(await encrypt(hsm, Buffer.alloc(8_000), aad(192))).toMatchObject({ protectionLevel: "HSM" });
    for (const failing of [
      () => encrypt(name, Buffer.alloc(65_537)),
      () => encrypt(name, Buffer.alloc(1), aad(65_537)),
      () => encrypt(hsm, Buffer.alloc(8_000), aad(193)),
    ]) {
      expect((await failureOf(failing())).code).toBe(3);
    }
  });

  test("encrypts nothing as nothing", async () => {
    const name = kms.service.admin.createKey();
    const { ciphertext } = await encrypt(name, Buffer.alloc(0));
    expect((await decrypt(name, ciphertext as Buffer)).plaintext).toHaveLength(0);
  });

  test("refuses a version that is not enabled, and says which state it is in", async () => {
    const name = kms.service.admin.createKey();
    const ciphertext = (await encrypt(name, Buffer.from("a secret"))).ciphertext as Buffer;
    const version = `${name}/cryptoKeyVersions/1`;
    const refused = async (state: string, type: string): Promise<void> => {
      for (const failing of [
        () => encrypt(name, Buffer.from("x")),
        () => encrypt(version, Buffer.from("x")),
        () => decrypt(name, ciphertext),
      ]) {
        const failure = await failureOf(failing());
        expect([failure.code, textOf(failure)]).toEqual([9, `${version} is not enabled, current state is: ${state}.`]);
        expect(failure.statusDetails).toMatchObject([{ violations: [{ type, subject: version }] }]);
      }
    };
    kms.service.admin.disableKey(name);
    await refused("DISABLED", "KEY_DISABLED");
    kms.service.admin.enableKey(name);
    await decrypt(name, ciphertext);
    kms.service.admin.destroyKey(name);
    await refused("DESTROYED", "KEY_DESTROYED");
  });

  test("decrypts with the private half of an RSA key what its public half encrypted", async () => {
    const name = kms.service.admin.createKey({ purpose: "ASYMMETRIC_DECRYPT" });
    const version = `${name}/cryptoKeyVersions/1`;
    const client = kms.client(transport);
    const [{ pem, pemCrc32c, algorithm }] = await client.getPublicKey({ name: version }, once());
    expect(algorithm).toBe("RSA_DECRYPT_OAEP_2048_SHA256");
    expect(pemCrc32c?.value).toBe(String(crc32c(Buffer.from(pem ?? ""))));
    const ciphertext = publicEncrypt(
      { key: pem ?? "", oaepHash: "sha256", padding: constants.RSA_PKCS1_OAEP_PADDING },
      Buffer.from("a secret"),
    );
    const ciphertextCrc32c = { value: crc32c(ciphertext) };
    const [answer] = await client.asymmetricDecrypt({ name: version, ciphertext, ciphertextCrc32c }, once());
    expect(answer).toMatchObject({ plaintext: Buffer.from("a secret"), verifiedCiphertextCrc32c: true });
    ciphertext.fill(0, 0, 1);
    ciphertext.fill(1, 1, 2);
    expect((await failureOf(client.asymmetricDecrypt({ name: version, ciphertext }, once()))).code).toBe(3);
    expect((await failureOf(encrypt(name, Buffer.from("x")))).code).toBe(9);
  });

  test("generates random bytes", async () => {
    const location = "projects/p/locations/europe-west1";
    const ask = async (lengthBytes: number, protectionLevel: "HSM" | "SOFTWARE" = "HSM") =>
      (await kms.client(transport).generateRandomBytes({ location, lengthBytes, protectionLevel }, once()))[0];
    const { data, dataCrc32c } = await ask(32);
    expect(data).toHaveLength(32);
    expect(dataCrc32c?.value).toBe(String(crc32c(data as Buffer)));
    for (const failing of [() => ask(7), () => ask(1025), () => ask(32, "SOFTWARE")]) expect((await failureOf(failing())).code).toBe(3);
  });
});

test("every bit of a ciphertext counts", async () => {
  const name = kms.service.admin.createKey();
  const client = kms.client("gRPC");
  const [{ ciphertext }] = await client.encrypt({ name, plaintext: Buffer.from("a secret") }, once());
  const whole = ciphertext as Buffer;
  for (let index = 0; index < whole.length; index += 1) {
    const changed = Buffer.from(whole);
    changed[index] = (changed[index] ?? 0) ^ (1 << (index % 8));
    const failure = await failureOf(client.decrypt({ name, ciphertext: changed }, once()));
    expect(failure.code, `byte ${index}`).toBe(3);
  }
});
