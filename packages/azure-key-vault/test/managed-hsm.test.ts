import { randomBytes } from "node:crypto";
import { open, seal } from "@letterlock/core";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "@letterlock/emulators";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { azureKeyVault } from "../src/index.ts";
import { keyClient } from "./key-client.ts";
import { kekCall, recipientOf } from "./wrapped-call.ts";

let hsm: AzureKeyVaultEmulator;
let keyRef: string;
const plaintext = Buffer.from("attack at dawn");

beforeAll(async () => {
  hsm = await startAzureKeyVault({ managedHsm: true });
  keyRef = await hsm.admin.createKey({ name: "symmetric", type: "oct-HSM" });
});
afterEach(() => {
  hsm.admin.clearFaults();
  hsm.admin.enableKey(keyRef);
  hsm.admin.takeRequests();
});
afterAll(() => hsm.close());

describe.each([
  { algorithm: "A256GCM", bindsContext: true, length: 60, wrap: "encrypt", unwrap: "decrypt" },
  { algorithm: "A256KW", bindsContext: false, length: 40, wrap: "wrapKey", unwrap: "unwrapKey" },
] as const)("a symmetric key of a Managed HSM with $algorithm", ({ algorithm, bindsContext, length, wrap, unwrap }) => {
  const kek = () => azureKeyVault({ client: keyClient(hsm), keyName: "symmetric", algorithm });

  test("seals and opens, with one request each", async () => {
    const one = kek();
    const envelope = await seal(plaintext, [one], { context: { tenant: "acme" } });
    expect(Buffer.from(await open(envelope, [one], { context: { tenant: "acme" } }))).toEqual(plaintext);
    expect(hsm.admin.takeRequests().map(({ operation }) => operation)).toEqual(["challenge", wrap, unwrap]);
  });

  test("says what it binds, and is held to it by the service", async () => {
    const one = kek();
    expect(one).toMatchObject({ bindsContext, authenticatesWrap: true });
    const call = await kekCall({ tenant: "acme" });
    const dataKey = randomBytes(32);
    const recipient = await recipientOf(one, dataKey, call);
    expect(recipient.wrapped).toHaveLength(length);
    expect(Buffer.from(await one.unwrap(recipient, call))).toEqual(dataKey);
    const other = one.unwrap(recipient, await kekCall({ tenant: "other" }));
    if (bindsContext) await expect(other).rejects.toMatchObject({ meaning: "not-authentic" });
    else expect(Buffer.from(await other)).toEqual(dataKey);
  });

  test("refuses every changed byte as not-authentic", async () => {
    const one = kek();
    const call = await kekCall();
    const recipient = await recipientOf(one, randomBytes(32), call);
    for (let index = 0; index < length; index += 1) {
      const wrapped = Uint8Array.from(recipient.wrapped);
      wrapped[index] = (wrapped[index] ?? 0) ^ 1;
      await expect(one.unwrap({ ...recipient, wrapped }, call)).rejects.toMatchObject({ meaning: "not-authentic" });
    }
  });

  test.each([0, length - 1, length + 1, 256])("refuses %d wrapped bytes without a request", async (wrong) => {
    const recipient = { provider: "azure-key-vault", keyRef, wrapped: new Uint8Array(wrong) };
    await expect(kek().unwrap(recipient, await kekCall())).rejects.toMatchObject({ meaning: "not-authentic" });
    expect(hsm.admin.takeRequests()).toEqual([]);
  });

  test("opens with the version that wrapped", async () => {
    const one = kek();
    const envelope = await seal(plaintext, [one]);
    await hsm.admin.rotateKey(keyRef);
    expect(Buffer.from(await open(envelope, [one]))).toEqual(plaintext);
  });

  test("is kek-unusable when disabled", async () => {
    const one = kek();
    const envelope = await seal(plaintext, [one]);
    hsm.admin.disableKey(keyRef);
    await expect(open(envelope, [one])).rejects.toMatchObject({ code: "kek-unusable" });
    await expect(seal(plaintext, [one])).rejects.toMatchObject({ code: "kek-unusable" });
  });

  test("refuses an answer of an impossible length", async () => {
    hsm.admin.fail({ as: "wrong-length", operation: wrap });
    await expect(seal(plaintext, [kek()])).rejects.toMatchObject({ code: "provider-error" });
  });

  test("is kek-unusable under a key of another type", async () => {
    const rsa = azureKeyVault({ client: keyClient(hsm), keyName: "symmetric" });
    await expect(seal(plaintext, [rsa])).rejects.toMatchObject({ code: "kek-unusable" });
  });
});
