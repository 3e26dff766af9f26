import { constants, createPublicKey, publicEncrypt, randomBytes } from "node:crypto";
import type { CryptographyClient } from "@azure/keyvault-keys";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "../../src/index.ts";
import { keyClient } from "./key-client.ts";

let hsm: AzureKeyVaultEmulator;
const dataKey = randomBytes(32);
const incorrect = { statusCode: 400, code: "BadParameter", message: "The parameter is incorrect.\r\n" };

beforeAll(async () => {
  hsm = await startAzureKeyVault({ managedHsm: true });
  await hsm.admin.createKey({ name: "rsa" });
  await hsm.admin.createKey({ name: "oct", type: "oct-HSM" });
});
afterAll(() => hsm.close());

const cryptography = (name: string, keyVersion?: string): CryptographyClient =>
  keyClient(hsm).getCryptographyClient(name, keyVersion === undefined ? {} : { keyVersion });

describe("an RSA key", () => {
  test("wraps, unwraps, encrypts and decrypts with RSA-OAEP-256", async () => {
    const client = cryptography("rsa");
    const { result } = await client.wrapKey("RSA-OAEP-256", dataKey);
    expect(result).toHaveLength(256);
    expect(Buffer.from((await client.unwrapKey("RSA-OAEP-256", result)).result)).toEqual(dataKey);
    expect(Buffer.from((await client.decrypt({ algorithm: "RSA-OAEP-256", ciphertext: result })).result)).toEqual(dataKey);
    const encrypted = await client.encrypt({ algorithm: "RSA-OAEP-256", plaintext: dataKey });
    expect(Buffer.from((await client.decrypt({ algorithm: "RSA-OAEP-256", ciphertext: encrypted.result })).result)).toEqual(dataKey);
  });

  test("unwraps what its public key wrapped elsewhere", async () => {
    const { key } = await keyClient(hsm).getKey("rsa");
    const spelled = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString("base64url");
    const publicKey = createPublicKey({ key: { kty: "RSA", n: spelled(key?.n), e: spelled(key?.e) }, format: "jwk" });
    for (const [algorithm, oaepHash] of [
      ["RSA-OAEP-256", "sha256"],
      ["RSA-OAEP", "sha1"],
    ] as const) {
      const wrapped = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, dataKey);
      expect(Buffer.from((await cryptography("rsa").unwrapKey(algorithm, wrapped)).result)).toEqual(dataKey);
    }
  });

  test("says the same of a changed, a cut and a foreign value, and of another algorithm", async () => {
    const client = cryptography("rsa");
    const { result } = await client.wrapKey("RSA-OAEP-256", dataKey);
    const changed = Uint8Array.from(result, (byte, index) => (index === 7 ? byte ^ 1 : byte));
    for (const value of [changed, result.subarray(1), randomBytes(256), new Uint8Array(1)]) {
      await expect(client.unwrapKey("RSA-OAEP-256", value)).rejects.toMatchObject(incorrect);
    }
    await expect(client.unwrapKey("RSA-OAEP", result)).rejects.toMatchObject(incorrect);
    await expect(client.wrapKey("RSA-OAEP-256", randomBytes(191))).rejects.toMatchObject(incorrect);
    await expect(client.wrapKey("A256KW", dataKey)).rejects.toMatchObject({ statusCode: 400, code: "BadParameter" });
  });

  test("uses the latest version where none is named, for unwrapping too", async () => {
    const name = "rotating";
    const keyRef = await hsm.admin.createKey({ name });
    const first = (await keyClient(hsm).getKey(name)).properties.version ?? "";
    const client = cryptography(name);
    const { result } = await client.wrapKey("RSA-OAEP-256", dataKey);
    const second = await hsm.admin.rotateKey(keyRef);
    await expect(client.unwrapKey("RSA-OAEP-256", result)).rejects.toMatchObject(incorrect);
    await expect(cryptography(name, second).unwrapKey("RSA-OAEP-256", result)).rejects.toMatchObject(incorrect);
    expect(Buffer.from((await cryptography(name, first).unwrapKey("RSA-OAEP-256", result)).result)).toEqual(dataKey);
    await expect(cryptography(name, "0".repeat(32)).unwrapKey("RSA-OAEP-256", result)).rejects.toMatchObject({ code: "KeyNotFound" });
  });

  test("names the version that was used, however the request spells none", async () => {
    const { version = "" } = (await keyClient(hsm).getKey("rsa")).properties;
    for (const path of ["keys/rsa/wrapkey", "keys/rsa//wrapkey", `keys/rsa/${version}/wrapkey`]) {
      const kids: unknown[] = [];
      const onResponse = ({ parsedBody }: { parsedBody?: unknown }) => kids.push((parsedBody as { kid?: unknown }).kid);
      await cryptography("rsa").wrapKey("RSA-OAEP-256", dataKey, { onResponse });
      expect(kids.at(-1)).toBe(`${hsm.endpoint}/keys/rsa/${version}`);
      const { kid } = (await post(path, { alg: "RSA-OAEP-256", value: "AAAA" })) as { kid: string };
      expect(kid).toBe(`${hsm.endpoint}/keys/rsa/${version}`);
    }
  });
});

describe("a key that may not", () => {
  const inner = (code: string) => ({ statusCode: 403, code: "Forbidden", details: { error: { innerError: { code } } } });
  const reading = async (name: string) => {
    const client = cryptography(name);
    await client.wrapKey("RSA-OAEP-256", dataKey);
    return client;
  };

  test("unwrap, because it is disabled, still wraps", async () => {
    const keyRef = await hsm.admin.createKey({ name: "disabled" });
    const client = await reading("disabled");
    hsm.admin.disableKey(keyRef);
    const { result } = await client.wrapKey("RSA-OAEP-256", dataKey);
    await expect(client.unwrapKey("RSA-OAEP-256", result)).rejects.toMatchObject({
      ...inner("KeyDisabled"),
      message: "Operation unwrapKey is not allowed on a disabled key.",
    });
    expect((await keyClient(hsm).getKey("disabled")).properties.enabled).toBe(false);
  });

  test("wrap, because of its dates, still unwraps", async () => {
    await hsm.admin.createKey({ name: "dated" });
    const client = await reading("dated");
    const { result } = await client.wrapKey("RSA-OAEP-256", dataKey);
    await keyClient(hsm).updateKeyProperties("dated", { expiresOn: new Date(1000) });
    await expect(client.wrapKey("RSA-OAEP-256", dataKey)).rejects.toMatchObject(inner("KeyExpired"));
    expect(Buffer.from((await client.unwrapKey("RSA-OAEP-256", result)).result)).toEqual(dataKey);
    await keyClient(hsm).updateKeyProperties("dated", { expiresOn: new Date("2037-01-01"), notBefore: new Date("2036-01-01") });
    await expect(client.wrapKey("RSA-OAEP-256", dataKey)).rejects.toMatchObject(inner("KeyNotYetValid"));
    expect(Buffer.from((await client.unwrapKey("RSA-OAEP-256", result)).result)).toEqual(dataKey);
  });

  test("do an operation that it was not made for", async () => {
    await hsm.admin.createKey({ name: "wrapping", operations: ["wrapKey"] });
    hsm.admin.deny({ operation: "get", key: "wrapping" });
    await expect(cryptography("wrapping").unwrapKey("RSA-OAEP-256", new Uint8Array(256))).rejects.toMatchObject({
      ...inner("KeyOperationForbidden"),
      message: "Operation unwrapKey is not permitted on this key.",
    });
    hsm.admin.allowAll();
  });
});

describe("a symmetric key of a Managed HSM", () => {
  test("wraps and unwraps with A256KW", async () => {
    const client = cryptography("oct");
    const { result } = await client.wrapKey("A256KW", dataKey);
    expect(result).toHaveLength(40);
    expect(Buffer.from((await client.unwrapKey("A256KW", result)).result)).toEqual(dataKey);
    await expect(
      client.unwrapKey(
        "A256KW",
        result.map((byte) => byte ^ 1),
      ),
    ).rejects.toMatchObject(incorrect);
    await expect(client.wrapKey("RSA-OAEP-256", dataKey)).rejects.toMatchObject({ statusCode: 400 });
  });

  test("encrypts and decrypts with A256GCM, bound to the additional data", async () => {
    const client = cryptography("oct");
    const additionalAuthenticatedData = Buffer.from("context");
    const sealed = await client.encrypt({ algorithm: "A256GCM", plaintext: dataKey, additionalAuthenticatedData });
    expect([sealed.iv?.length, sealed.result.length, sealed.authenticationTag?.length]).toEqual([12, 32, 16]);
    const { result: ciphertext, iv = new Uint8Array(), authenticationTag = new Uint8Array() } = sealed;
    const whole = { algorithm: "A256GCM", ciphertext, iv, authenticationTag, additionalAuthenticatedData } as const;
    expect(Buffer.from((await client.decrypt(whole)).result)).toEqual(dataKey);
    const { additionalAuthenticatedData: _, ...unbound } = whole;
    const wrong = [unbound, { ...whole, iv: iv.map((byte) => byte ^ 1) }, { ...whole, authenticationTag: authenticationTag.subarray(4) }];
    for (const parameters of wrong) await expect(client.decrypt(parameters)).rejects.toMatchObject(incorrect);
    await expect(client.encrypt({ algorithm: "A128GCM", plaintext: dataKey })).rejects.toMatchObject({ statusCode: 400 });
  });

  test("does neither when it is disabled", async () => {
    const keyRef = await hsm.admin.createKey({ name: "off", type: "oct-HSM" });
    hsm.admin.disableKey(keyRef);
    await expect(cryptography("off").wrapKey("A256KW", dataKey)).rejects.toMatchObject({ statusCode: 403, code: "Forbidden" });
  });
});

async function post(path: string, body: object): Promise<unknown> {
  const { request } = await import("node:https");
  const { promise, resolve, reject } = Promise.withResolvers<unknown>();
  const headers = { authorization: "Bearer anybody", "content-type": "application/json" };
  const sending = request(`${hsm.endpoint}/${path}?api-version=7.4`, { method: "POST", ca: hsm.certificate, headers }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    answer.on("end", () => resolve(JSON.parse(text)));
  });
  sending.on("error", reject).end(JSON.stringify(body));
  return promise;
}
