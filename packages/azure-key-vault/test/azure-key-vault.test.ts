import { randomBytes } from "node:crypto";
import type { KeyClient } from "@azure/keyvault-keys";
import { inspect, open, refresh, seal } from "@letterlock/core";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "@letterlock/emulators";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { azureKeyVault } from "../src/index.ts";
import { keyClient } from "./key-client.ts";
import { kekCall, recipientOf } from "./wrapped-call.ts";

let vault: AzureKeyVaultEmulator;
let keyRef: string;
const plaintext = Buffer.from("attack at dawn");

beforeAll(async () => {
  vault = await startAzureKeyVault();
  keyRef = await vault.admin.createKey({ name: "orders" });
});
afterEach(() => {
  vault.admin.clearFaults();
  vault.admin.allowAll();
  vault.admin.enableKey(keyRef);
  vault.admin.takeRequests();
});
afterAll(() => vault.close());

const orders = () => azureKeyVault({ client: keyClient(vault), keyName: "orders" });
const operations = () => vault.admin.takeRequests().map(({ operation }) => operation);

describe("a key of Azure Key Vault", () => {
  test("seals and opens", async () => {
    const envelope = await seal(plaintext, [orders()], { context: { tenant: "acme" } });
    expect(Buffer.from(await open(envelope, [orders()], { context: { tenant: "acme" } }))).toEqual(plaintext);
    const info = inspect(envelope);
    expect(info.type === "envelope" && info.header.recipients).toEqual([
      { provider: "azure-key-vault", keyRef, keyVersion: expect.stringMatching(/^[0-9a-f]{32}$/), wrapped: expect.any(Uint8Array) },
    ]);
  });

  test("says what it binds, and cannot be changed", () => {
    const kek = orders();
    expect(kek).toMatchObject({ provider: "azure-key-vault", keyRef, bindsContext: false, authenticatesWrap: false });
    expect(Object.isFrozen(kek)).toBe(true);
    expect(kek).not.toHaveProperty("rewrap");
    expect(kek).not.toHaveProperty("generate");
  });

  test("makes one request for a wrap and one for an unwrap, the challenge aside", async () => {
    const kek = orders();
    const envelope = await seal(plaintext, [kek]);
    expect(operations()).toEqual(["challenge", "wrapKey"]);
    await open(envelope, [kek]);
    await seal(plaintext, [kek]);
    expect(operations()).toEqual(["unwrapKey", "wrapKey"]);
    await open(envelope, [orders()]);
    expect(vault.admin.takeRequests().map(({ operation, key }) => [operation, key])).toEqual([
      ["challenge", keyRef],
      ["unwrapKey", keyRef],
    ]);
  });

  test("needs no permission to read the key", async () => {
    vault.admin.deny({ operation: "get" });
    const envelope = await seal(plaintext, [orders()]);
    expect(Buffer.from(await open(envelope, [orders()]))).toEqual(plaintext);
    await expect(orders().currentVersion?.({ signal: new AbortController().signal })).rejects.toMatchObject({ meaning: "access-denied" });
  });

  test("needs the permission to wrap alone for sealing, and to unwrap alone for opening", async () => {
    const envelope = await seal(plaintext, [orders()]);
    vault.admin.deny({ operation: "unwrapKey" });
    await seal(plaintext, [orders()]);
    vault.admin.allowAll();
    vault.admin.deny({ operation: "wrapKey" });
    await open(envelope, [orders()]);
    await expect(seal(plaintext, [orders()])).rejects.toMatchObject({ code: "access-denied" });
  });

  test("records the version that the service used, in a client that saw the version before", async () => {
    const kek = orders();
    const before = await seal(plaintext, [kek]);
    const version = await vault.admin.rotateKey(keyRef);
    const after = await seal(plaintext, [kek]);
    expect(versionOf(after)).toBe(version);
    expect(versionOf(before)).not.toBe(version);
    for (const envelope of [before, after]) expect(Buffer.from(await open(envelope, [kek]))).toEqual(plaintext);
    expect(await kek.currentVersion?.({ signal: new AbortController().signal })).toBe(version);
  });

  test("is refreshed to the newest version", async () => {
    const kek = orders();
    const envelope = await seal(plaintext, [kek]);
    const version = await vault.admin.rotateKey(keyRef);
    const refreshed = await refresh(envelope, [kek]);
    expect(refreshed.recipients).toEqual([expect.objectContaining({ status: "wrapped-again", from: versionOf(envelope), to: version })]);
    expect(Buffer.from(await open(refreshed.object, [kek]))).toEqual(plaintext);
  });

  test("unwraps with the current version where none was recorded", async () => {
    const kek = orders();
    const dataKey = randomBytes(32);
    const call = await kekCall();
    const { keyVersion: _, ...recipient } = await recipientOf(kek, dataKey, call);
    expect(Buffer.from(await kek.unwrap(recipient, call))).toEqual(dataKey);
    expect(Buffer.from(await kek.unwrap({ ...recipient, keyVersion: "" }, call))).toEqual(dataKey);
    await vault.admin.rotateKey(keyRef);
    await expect(kek.unwrap(recipient, call)).rejects.toMatchObject({ meaning: "not-authentic" });
  });

  test("opens what an expired version wrapped, also for those who may read the key", async () => {
    const name = (await vault.admin.createKey({ name: "expiring" })).split("/keys/")[1] ?? "";
    const kek = azureKeyVault({ client: keyClient(vault), keyName: name });
    const envelope = await seal(plaintext, [kek]);
    await keyClient(vault).updateKeyProperties(name, { expiresOn: new Date(Date.now() - 60_000) });
    expect(Buffer.from(await open(envelope, [azureKeyVault({ client: keyClient(vault), keyName: name })]))).toEqual(plaintext);
    await expect(seal(plaintext, [kek])).rejects.toMatchObject({ code: "kek-unusable" });
  });

  test("returns a data key in a buffer of its own", async () => {
    const kek = orders();
    const call = await kekCall();
    const key = await kek.unwrap(await recipientOf(kek, randomBytes(32), call), call);
    expect(key.buffer.byteLength).toBe(32);
    expect(Buffer.isBuffer(key)).toBe(false);
  });

  test("ends the request when the caller does", async () => {
    const kek = orders();
    const call = await kekCall();
    const recipient = await recipientOf(kek, randomBytes(32), call);
    vault.admin.fail({ as: "timeout", times: Infinity });
    for (const run of [kek.wrap.bind(kek, randomBytes(32)), kek.unwrap.bind(kek, recipient), kek.currentVersion?.bind(kek)]) {
      vault.admin.takeRequests();
      const controller = new AbortController();
      const running = run?.({ ...call, signal: controller.signal });
      await expect.poll(() => operations()).toHaveLength(1);
      controller.abort();
      await expect(running).rejects.toMatchObject({ name: "KeyVaultError" });
    }
  });
});

describe("what the service answers", () => {
  test.each(["wrap", "unwrap", "currentVersion"] as const)("is refused under the name of another key: %s", async (member) => {
    const kek = orders();
    const call = await kekCall();
    const recipient = await recipientOf(kek, randomBytes(32), call);
    vault.admin.fail({ as: "wrong-key" });
    const answer = {
      wrap: () => kek.wrap(randomBytes(32), call),
      unwrap: () => kek.unwrap(recipient, call),
      currentVersion: () => kek.currentVersion?.(call),
    };
    await expect(answer[member]()).rejects.toMatchObject({ meaning: "provider-error" });
  });

  test("is refused when another version unwrapped than was asked for", async () => {
    const kek = orders();
    const call = await kekCall();
    const recipient = await recipientOf(kek, randomBytes(32), call);
    const client = keyClient(vault);
    const newest = await vault.admin.rotateKey(keyRef);
    const redirecting = {
      vaultUrl: client.vaultUrl,
      getKey: client.getKey.bind(client),
      getCryptographyClient: (name: string) => client.getCryptographyClient(name, { keyVersion: newest }),
    };
    const astray = azureKeyVault({ client: redirecting, keyName: "orders" });
    const other = await recipientOf(astray, randomBytes(32), call);
    expect(other.keyVersion).toBe(newest);
    await expect(astray.unwrap({ ...other, keyVersion: recipient.keyVersion }, call)).rejects.toMatchObject({ meaning: "provider-error" });
  });

  test("is refused when a wrapped key has an impossible length", async () => {
    vault.admin.fail({ as: "wrong-length", operation: "wrapKey" });
    await expect(seal(plaintext, [orders()])).rejects.toMatchObject({ code: "provider-error" });
  });

  test("is no data key when it is too short", async () => {
    const kek = orders();
    const envelope = await seal(plaintext, [kek]);
    vault.admin.fail({ as: "wrong-length", operation: "unwrapKey" });
    await expect(open(envelope, [kek])).rejects.toMatchObject({ code: "not-authentic" });
  });

  test.each(["wrapKey", "unwrapKey"])("is a provider-error when it is of another protocol: %s", async (operation) => {
    const kek = orders();
    const envelope = await seal(plaintext, [kek]);
    vault.admin.fail({ as: "garbage", operation });
    await expect(operation === "wrapKey" ? seal(plaintext, [kek]) : open(envelope, [kek])).rejects.toMatchObject({
      code: "provider-error",
    });
  });
});

describe("the buffer that the SDK gives", () => {
  test.each([
    ["after its bytes were copied", "https://acme.vault.azure.net/keys/orders", true],
    ["when another key answered", "https://acme.vault.azure.net/keys/another", false],
  ])("is zeroed %s", async (_, url, opens) => {
    const result = Buffer.alloc(32, 7);
    const unwrapKey = async (_algorithm: string, _wrapped: Uint8Array, options: { onResponse(response: object): void }) => {
      options.onResponse({ parsedBody: { kid: `${url}/${"0".repeat(32)}` } });
      return { result };
    };
    const client = { vaultUrl: "https://acme.vault.azure.net", getKey: () => undefined, getCryptographyClient: () => ({ unwrapKey }) };
    const kek = azureKeyVault({ client: client as unknown as KeyClient, keyName: "orders" });
    const recipient = { provider: kek.provider, keyRef: kek.keyRef, wrapped: new Uint8Array(256) };
    const opened = await kek.unwrap(recipient, await kekCall()).catch(() => undefined);
    expect(opened === undefined ? undefined : Buffer.from(opened)).toEqual(opens ? Buffer.alloc(32, 7) : undefined);
    expect(result).toEqual(Buffer.alloc(32));
  });
});

test("any number of versions in recipients keeps a bounded number of clients", async () => {
  let made = 0;
  const client = keyClient(vault);
  const counting = {
    vaultUrl: client.vaultUrl,
    getKey: client.getKey.bind(client),
    getCryptographyClient: (...args: Parameters<KeyClient["getCryptographyClient"]>) => {
      made += 1;
      return client.getCryptographyClient(...args);
    },
  };
  const kek = azureKeyVault({ client: counting, keyName: "orders" });
  const call = await kekCall();
  const recipient = await recipientOf(kek, randomBytes(32), call);
  const unwrapAs = (keyVersion: string) => kek.unwrap({ ...recipient, keyVersion }, call).catch(() => undefined);
  await kek.unwrap(recipient, call);
  await kek.unwrap(recipient, call);
  expect(made).toBe(2);
  for (let index = 0; index < 62; index += 1) await unwrapAs(index.toString(16).padStart(32, "0"));
  await kek.unwrap(recipient, call);
  expect(made).toBe(64);
  for (let index = 62; index < 70; index += 1) await unwrapAs(index.toString(16).padStart(32, "0"));
  await kek.unwrap(recipient, call);
  expect(made).toBe(73);
});

describe("a recipient that cannot be of this key", () => {
  test.each([0, 1, 32, 60, 255, 257, 383, 385, 511, 513, 2048])(
    "is not-authentic with %d wrapped bytes, without a request",
    async (length) => {
      const call = await kekCall();
      const recipient = { provider: "azure-key-vault", keyRef, keyVersion: "0".repeat(32), wrapped: new Uint8Array(length) };
      const error = await orders()
        .unwrap(recipient, call)
        .catch((reason: unknown) => reason);
      expect(orders().errorCode(error)).toBe("not-authentic");
      expect(operations()).toEqual([]);
    },
  );

  test.each(["..", "/", "0".repeat(31), "0".repeat(33), "g".repeat(32), `${"0".repeat(32)}/../x`, "?api-version=1", "versions", "%2e%2e"])(
    "is kek-not-found with the version %s, without a request",
    async (keyVersion) => {
      const call = await kekCall();
      const recipient = { provider: "azure-key-vault", keyRef, keyVersion, wrapped: new Uint8Array(256) };
      const error = await orders()
        .unwrap(recipient, call)
        .catch((reason: unknown) => reason);
      expect(orders().errorCode(error)).toBe("kek-not-found");
      expect(operations()).toEqual([]);
    },
  );

  test("is not owned", () => {
    const kek = orders();
    const own = { provider: "azure-key-vault", keyRef, wrapped: new Uint8Array(256) };
    expect(kek.owns(own)).toBe(true);
    expect(kek.owns({ ...own, keyVersion: "nonsense" })).toBe(true);
    const others = [
      `${keyRef}/`,
      `${keyRef}2`,
      keyRef.toUpperCase(),
      keyRef.replace("127.0.0.1", "localhost"),
      `${keyRef}/${"0".repeat(32)}`,
      "",
    ];
    for (const other of others) expect(kek.owns({ ...own, keyRef: other })).toBe(false);
    expect(kek.owns({ ...own, provider: "aws-kms" })).toBe(false);
    expect(operations()).toEqual([]);
  });
});

function versionOf(envelope: Uint8Array): string | undefined {
  const info = inspect(envelope);
  return info.type === "record" ? undefined : info.header.recipients[0]?.keyVersion;
}
