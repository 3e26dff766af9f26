import { randomBytes } from "node:crypto";
import { KeyClient, type KeyClientOptions } from "@azure/keyvault-keys-v4-9";
import { open, seal } from "@letterlock/core";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "@letterlock/emulators";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AzureKeyVaultAlgorithm, type AzureKeyVaultOptions, azureKeyVault } from "../src/index.ts";
import { kekCall, recipientOf } from "./wrapped-call.ts";

let hsm: AzureKeyVaultEmulator;
const plaintext = Buffer.from("attack at dawn");

beforeAll(async () => {
  hsm = await startAzureKeyVault({ managedHsm: true });
  await hsm.admin.createKey({ name: "rsa" });
  await hsm.admin.createKey({ name: "oct", type: "oct-HSM" });
});
afterEach(() => {
  hsm.admin.clearFaults();
  hsm.admin.allowAll();
  hsm.admin.takeRequests();
});
afterAll(() => hsm.close());

/** 4.9, the oldest release that the peer dependency allows: another generation of its HTTP layer. */
function oldestClient(): AzureKeyVaultOptions["client"] {
  const credential = { getToken: async () => ({ token: "anybody", expiresOnTimestamp: Date.now() + 3_600_000 }) };
  const options: KeyClientOptions = {
    disableChallengeResourceVerification: true,
    tlsOptions: { ca: hsm.certificate },
    retryOptions: { maxRetries: 0 },
  };
  // The same members; the classes differ in what they keep private.
  return new KeyClient(hsm.endpoint, credential, options) as unknown as AzureKeyVaultOptions["client"];
}

describe.each<[AzureKeyVaultAlgorithm, string]>([
  ["RSA-OAEP-256", "rsa"],
  ["A256KW", "oct"],
  ["A256GCM", "oct"],
])("the oldest client with %s", (algorithm, keyName) => {
  const kekOf = () => azureKeyVault({ client: oldestClient(), keyName, algorithm });

  test("seals, opens and names the version, with one request each", async () => {
    const kek = kekOf();
    const envelope = await seal(plaintext, [kek], { context: { tenant: "acme" } });
    const version = await hsm.admin.rotateKey(kek.keyRef);
    expect(Buffer.from(await open(envelope, [kek], { context: { tenant: "acme" } }))).toEqual(plaintext);
    expect(hsm.admin.takeRequests()).toHaveLength(3);
    const call = await kekCall();
    expect((await recipientOf(kek, randomBytes(32), call)).keyVersion).toBe(version);
    expect(await kek.currentVersion?.(call)).toBe(version);
  });

  test("reports what the service refuses", async () => {
    const kek = kekOf();
    const call = await kekCall();
    const recipient = await recipientOf(kek, randomBytes(32), call);
    const wrapped = Uint8Array.from(recipient.wrapped, (byte) => byte ^ 1);
    await expect(kek.unwrap({ ...recipient, wrapped }, call)).rejects.toMatchObject({ meaning: "not-authentic" });
    hsm.admin.disableKey(kek.keyRef);
    await expect(kek.unwrap(recipient, call)).rejects.toMatchObject({ meaning: "kek-unusable", innerCode: "KeyDisabled" });
    hsm.admin.enableKey(kek.keyRef);
    hsm.admin.deny({ key: kek.keyRef });
    await expect(kek.wrap(randomBytes(32), call)).rejects.toMatchObject({ meaning: "access-denied", innerCode: "AccessDenied" });
    hsm.admin.allowAll();
    for (const as of ["throttled", "unavailable", "wrong-key", "garbage", "reset"] as const) {
      hsm.admin.fail({ as });
      const error = await kek.wrap(randomBytes(32), call).catch((reason: unknown) => reason);
      const expected = { throttled: "throttled", unavailable: "unavailable" }[as as "throttled"] ?? "provider-error";
      expect([as, kek.errorCode(error)]).toEqual([as, expected]);
      if (as === "throttled") expect(kek.retryAfterMs?.(error)).toBe(1000);
    }
  });
});
