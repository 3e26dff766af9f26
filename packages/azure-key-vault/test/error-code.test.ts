import { randomBytes, randomUUID } from "node:crypto";
import { ClientSecretCredential } from "@azure/identity";
import { KeyClient, type KeyClientOptions } from "@azure/keyvault-keys";
import { type KekErrorCode, kekErrorCode, open, seal } from "@letterlock/core";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "@letterlock/emulators";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { azureKeyVault } from "../src/index.ts";
import { keyClient } from "./key-client.ts";
import { kekCall } from "./wrapped-call.ts";

let vault: AzureKeyVaultEmulator;
let keyRef: string;
let envelope: Uint8Array;
const plaintext = Buffer.from("attack at dawn");

beforeAll(async () => {
  vault = await startAzureKeyVault();
  keyRef = await vault.admin.createKey({ name: "orders" });
  envelope = await seal(plaintext, [orders()]);
});
afterEach(() => {
  vault.admin.clearFaults();
  vault.admin.allowAll();
  vault.admin.enableKey(keyRef);
});
afterAll(() => vault.close());

const orders = (options?: KeyClientOptions, token?: string) =>
  azureKeyVault({ client: keyClient(vault, token, options), keyName: "orders" });

describe("what the service refuses", () => {
  const change = (changes: object) => keyClient(vault).updateKeyProperties("orders", changes);
  const tomorrow = new Date(Date.now() + 86_400_000);
  const yesterday = new Date(Date.now() - 86_400_000);

  test.each<[string, KekErrorCode, KekErrorCode | undefined, () => unknown]>([
    ["403 AccessDenied", "access-denied", "access-denied", () => vault.admin.deny({ key: keyRef })],
    ["401 for an expired token", "access-denied", "access-denied", () => vault.admin.expire("anybody")],
    ["429 Throttled", "throttled", "throttled", () => vault.admin.fail({ as: "throttled", times: 9 })],
    ["503", "unavailable", "unavailable", () => vault.admin.fail({ as: "unavailable", times: 9 })],
    ["a broken connection", "unavailable", "unavailable", () => vault.admin.fail({ as: "reset", times: 9 })],
    ["403 KeyDisabled, which wraps all the same", "kek-unusable", undefined, () => vault.admin.disableKey(keyRef)],
  ])("%s", async (_, opening, sealing, arrange) => {
    await arrange();
    await expect(open(envelope, [orders()])).rejects.toMatchObject({ code: opening });
    if (sealing === undefined) await seal(plaintext, [orders()]);
    else await expect(seal(plaintext, [orders()])).rejects.toMatchObject({ code: sealing });
  });

  test.each<[string, object]>([
    ["403 for an expired key", { expiresOn: yesterday, notBefore: new Date(0) }],
    ["403 for a key that is not yet valid", { notBefore: tomorrow, expiresOn: new Date(Date.now() + 2 * 86_400_000) }],
    ["403 KeyOperationForbidden", { keyOps: ["encrypt"], notBefore: new Date(0), expiresOn: tomorrow }],
  ])("%s when sealing is kek-unusable", async (_, changes) => {
    await change(changes);
    await expect(seal(plaintext, [orders()])).rejects.toMatchObject({ code: "kek-unusable" });
    await change({ keyOps: ["wrapKey", "unwrapKey"], notBefore: new Date(0), expiresOn: tomorrow });
    await seal(plaintext, [orders()]);
  });

  test("404 for a key that is not there is kek-not-found", async () => {
    const missing = azureKeyVault({ client: keyClient(vault), keyName: "missing" });
    await expect(seal(plaintext, [missing])).rejects.toMatchObject({ code: "kek-not-found" });
  });

  test("404 for a version that is not there, or for a deleted key, is kek-not-found", async () => {
    const kek = orders();
    const call = await kekCall();
    const recipient = { provider: kek.provider, keyRef, keyVersion: "0".repeat(32), wrapped: randomBytes(256) };
    await expect(kek.unwrap(recipient, call)).rejects.toMatchObject({ meaning: "kek-not-found" });
    const name = "short-lived";
    const deleted = await vault.admin.createKey({ name });
    const short = azureKeyVault({ client: keyClient(vault), keyName: name });
    const sealed = await seal(plaintext, [short]);
    vault.admin.deleteKey(deleted);
    await expect(open(sealed, [short])).rejects.toMatchObject({ code: "kek-not-found" });
  });

  test("400 for a value that it cannot open is not-authentic, and the version of another wrap too", async () => {
    const kek = orders();
    const call = await kekCall();
    const { wrapped, keyVersion } = await kek.wrap(randomBytes(32), call);
    const recipient = { provider: kek.provider, keyRef, keyVersion, wrapped };
    const changed = Uint8Array.from(wrapped, (byte, index) => (index === 200 ? byte ^ 1 : byte));
    await expect(kek.unwrap({ ...recipient, wrapped: changed }, call)).rejects.toMatchObject({ meaning: "not-authentic" });
    const newest = await vault.admin.rotateKey(keyRef);
    await expect(kek.unwrap({ ...recipient, keyVersion: newest }, call)).rejects.toMatchObject({ meaning: "not-authentic" });
  });
});

describe("what happens before the service", () => {
  test("a certificate that is not trusted is a provider-error", async () => {
    await expect(seal(plaintext, [orders({ tlsOptions: {} })])).rejects.toMatchObject({ code: "provider-error" });
  });

  test("a challenge for another resource is a provider-error", async () => {
    await expect(seal(plaintext, [orders({ disableChallengeResourceVerification: false })])).rejects.toMatchObject({
      code: "provider-error",
    });
  });

  test("nobody listening is unavailable", async () => {
    const closed = await startAzureKeyVault();
    await closed.close();
    const kek = azureKeyVault({ client: keyClient(closed), keyName: "orders" });
    await expect(seal(plaintext, [kek])).rejects.toMatchObject({ code: "unavailable" });
  });
});

describe("a credential", () => {
  let authority: AzureKeyVaultEmulator;
  const sealing = async () => {
    // A client id of its own each time, because tokens and metadata are cached for the process.
    const credential = new ClientSecretCredential(authority.tenantId, randomUUID(), "secret", {
      authorityHost: authority.endpoint,
      disableInstanceDiscovery: true,
      tlsOptions: { ca: authority.certificate },
      retryOptions: { maxRetries: 0 },
    });
    const client = new KeyClient(vault.endpoint, credential, {
      disableChallengeResourceVerification: true,
      tlsOptions: { ca: vault.certificate },
      retryOptions: { maxRetries: 0 },
    });
    return seal(plaintext, [azureKeyVault({ client, keyName: "orders" })]);
  };

  beforeAll(async () => {
    authority = await startAzureKeyVault();
  });
  afterEach(() => {
    authority.admin.clearFaults();
    authority.admin.allowAll();
  });
  afterAll(() => authority.close());

  test("that gets a token seals", async () => {
    await sealing();
  });

  test.each<[string, KekErrorCode, () => void]>([
    ["that is refused", "access-denied", () => authority.admin.deny({ operation: "token" })],
    ["whose authority throttles", "throttled", () => authority.admin.fail({ operation: "token", as: "throttled", times: 9 })],
    ["whose authority fails", "unavailable", () => authority.admin.fail({ operation: "token", as: "unavailable", times: 9 })],
    ["whose authority breaks off", "unavailable", () => authority.admin.fail({ operation: "token", as: "reset", times: 9 })],
    [
      "whose authority is not there",
      "unavailable",
      () => authority.admin.fail({ operation: "openIdConfiguration", as: "reset", times: 9 }),
    ],
  ])("%s is %s", async (_, code, arrange) => {
    arrange();
    await expect(sealing()).rejects.toMatchObject({ code });
  });

  test("that is of another tenant is access-denied", async () => {
    const other = new ClientSecretCredential("22222222-2222-4222-8222-222222222222", "11111111-1111-4111-8111-111111111111", "secret");
    const client = new KeyClient(vault.endpoint, other, {
      disableChallengeResourceVerification: true,
      tlsOptions: { ca: vault.certificate },
    });
    await expect(seal(plaintext, [azureKeyVault({ client, keyName: "orders" })])).rejects.toMatchObject({ code: "access-denied" });
  });
});

describe("an error of any other shape", () => {
  const vaultUrl = "https://acme.vault.azure.net";
  const ofVault = { name: "RestError", request: { url: `${vaultUrl}/keys/orders/wrapkey` } };
  const worded = { details: { error: { code: "Whatever", message: "no" } } };
  const status = (statusCode: number, more: object = {}) => ({ ...ofVault, statusCode, message: "no", ...worded, ...more });
  const page = { details: { error: undefined } };
  const inner = (code: string) => ({ details: { error: { code: "Forbidden", innerError: { code } } } });

  test.each<[string, unknown, KekErrorCode, KekErrorCode?]>([
    ["400", status(400), "provider-error", "not-authentic"],
    ["400 for the algorithm", status(400, { message: "Key and encryption algorithm combination is not supported" }), "kek-unusable"],
    ["401", status(401), "access-denied"],
    ["403 without more", status(403), "access-denied"],
    ["403 ForbiddenByPolicy", status(403, inner("ForbiddenByPolicy")), "access-denied"],
    ["403 ForbiddenByRbac", status(403, inner("ForbiddenByRbac")), "access-denied"],
    ["403 ForbiddenByFirewall", status(403, inner("ForbiddenByFirewall")), "access-denied"],
    ["403 KeyDisabled", status(403, inner("KeyDisabled")), "kek-unusable"],
    ["403 KeyExpired", status(403, inner("KeyExpired")), "kek-unusable"],
    ["403 KeyNotYetValid", status(403, inner("KeyNotYetValid")), "kek-unusable"],
    ["403 KeyOperationForbidden", status(403, inner("KeyOperationForbidden")), "kek-unusable"],
    ["403 with the word alone", status(403, { message: "Operation wrapKey is not allowed on an expired key." }), "kek-unusable"],
    [
      "403 as the wire spells it",
      status(403, { details: { error: { code: "Forbidden", innererror: { code: "KeyDisabled" } } } }),
      "kek-unusable",
    ],
    ["404", status(404), "kek-not-found"],
    ["400 of a gateway", status(400, page), "provider-error"],
    ["401 of a gateway", status(401, page), "access-denied"],
    ["403 of a gateway", status(403, { ...page, message: "Operation wrapKey is not allowed on a disabled key." }), "access-denied"],
    ["404 of a gateway", status(404, page), "provider-error"],
    ["409 of a gateway", status(409, page), "provider-error"],
    ["429 of a gateway", status(429, page), "throttled"],
    ["503 of a gateway", status(503, page), "unavailable"],
    ["408", status(408), "unavailable"],
    ["409", status(409), "kek-unusable"],
    ["413", status(413), "provider-error"],
    ["429", status(429), "throttled"],
    ["500", status(500), "unavailable"],
    ["502", status(502), "unavailable"],
    ["503", status(503), "unavailable"],
    ["504", status(504), "unavailable"],
    ["200 that is not JSON", status(200, { code: "PARSE_ERROR" }), "provider-error"],
    ["REQUEST_SEND_ERROR", { ...ofVault, code: "REQUEST_SEND_ERROR" }, "unavailable"],
    ["ECONNREFUSED", { ...ofVault, code: "ECONNREFUSED" }, "unavailable"],
    ["ENOTFOUND", { ...ofVault, code: "ENOTFOUND" }, "unavailable"],
    ["a certificate", { ...ofVault, code: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }, "provider-error"],
    ["a time limit of the SDK", { name: "AbortError", message: "The operation was aborted." }, "unavailable"],
    ["CredentialUnavailableError", { name: "CredentialUnavailableError", message: "no" }, "access-denied"],
    ["AuthenticationRequiredError", { name: "AuthenticationRequiredError", message: "no" }, "access-denied"],
    ["AggregateAuthenticationError", { name: "AggregateAuthenticationError", errors: [] }, "access-denied"],
    ["AuthenticationError 400", { name: "AuthenticationError", statusCode: 400 }, "access-denied"],
    ["AuthenticationError 429", { name: "AuthenticationError", statusCode: 429 }, "throttled"],
    ["AuthenticationError 503", { name: "AuthenticationError", statusCode: 503 }, "unavailable"],
    ["400 of a token service", { ...status(400), request: { url: "http://169.254.169.254/metadata" } }, "access-denied"],
    ["500 of a token service", { ...status(500), request: { url: "http://169.254.169.254/metadata" } }, "unavailable"],
    ["a local check: expired", { message: "Key x expired at 2020" }, "kek-unusable"],
    ["a local check: not yet", { message: "Key x can't be used before 2099" }, "kek-unusable"],
    ["a local check: operation", { message: "Operation wrapKey is not supported on key x" }, "kek-unusable"],
    ["a local check: challenge", { message: "The challenge resource 'x' does not match the requested domain." }, "provider-error"],
    ["no token", { message: "Failed to refresh access token." }, "access-denied"],
    ["a TypeError", new TypeError("undefined is not a function"), "provider-error"],
    ["nothing", undefined, "provider-error"],
    ["null", null, "provider-error"],
    ["text", "no", "provider-error"],
    ["a number", 7, "provider-error"],
  ])("%s", async (_, thrown, wrapping, unwrapping = wrapping) => {
    const reject = () => Promise.reject(thrown);
    const client = {
      vaultUrl,
      getKey: reject,
      getCryptographyClient: () => ({ wrapKey: reject, unwrapKey: reject }),
    } as unknown as KeyClient;
    const kek = azureKeyVault({ client, keyName: "orders" });
    const call = await kekCall();
    const wrapError = await kek.wrap(new Uint8Array(32), call).catch((error: unknown) => error);
    const recipient = { provider: kek.provider, keyRef: kek.keyRef, wrapped: new Uint8Array(256) };
    const unwrapError = await kek.unwrap(recipient, call).catch((error: unknown) => error);
    expect([kekErrorCode(kek, wrapError), kekErrorCode(kek, unwrapError)]).toEqual([wrapping, unwrapping]);
  });

  test.each([null, undefined, "no", 7, {}, [], new Error("x"), { meaning: "throttled" }])(
    "errorCode names nothing that is not the adapter's: %s",
    (thrown) => {
      expect(orders().errorCode(thrown)).toBe("provider-error");
      expect(orders().retryAfterMs?.(thrown)).toBeUndefined();
    },
  );
});

describe("Retry-After", () => {
  test("is what the service says, in milliseconds", async () => {
    const kek = orders();
    vault.admin.fail({ as: "throttled", operation: "wrapKey" });
    const error = await kek.wrap(new Uint8Array(32), await kekCall()).catch((reason: unknown) => reason);
    expect(kek.retryAfterMs?.(error)).toBe(1000);
    expect(error).toMatchObject({
      name: "KeyVaultError",
      statusCode: 429,
      code: "Throttled",
      requestId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
  });

  test.each<[string | undefined, number | undefined]>([
    ["0", 0],
    ["30", 30_000],
    [new Date(Date.now() - 1000).toUTCString(), 0],
    ["soon", undefined],
    [undefined, undefined],
  ])("%s is %s", async (header, expected) => {
    const thrown = { statusCode: 429, response: { headers: new Headers(header === undefined ? {} : { "retry-after": header }) } };
    const reject = () => Promise.reject(thrown);
    const client = { vaultUrl: "https://acme.vault.azure.net", getKey: reject, getCryptographyClient: () => ({}) } as unknown as KeyClient;
    const kek = azureKeyVault({ client, keyName: "orders" });
    const error = await kek.currentVersion?.(await kekCall()).catch((reason: unknown) => reason);
    expect(kek.retryAfterMs?.(error)).toBe(expected);
  });
});
