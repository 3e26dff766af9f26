import { kekErrorCode, LetterlockError, open, seal } from "@letterlock/core";
import { startVaultTransit } from "@letterlock/emulators";
import nodeVault from "node-vault";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type VaultClient, vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, rejection } from "./support/call.ts";
import { answeringClient } from "./support/recording-client.ts";

const call = callFor();
const readable = { data: { name: "app", type: "aes256-gcm96", latest_version: 1, derived: false } };

/** A KEK whose encryption is answered as node-vault reports a status and its texts. */
function answered(statusCode: number, errors: readonly string[] = []) {
  const client = answeringClient((path) => {
    if (path.includes("/keys/")) return readable;
    throw Object.assign(new Error(errors[0]), { response: { statusCode, body: { errors } } });
  });
  return vaultTransit({ client, keyName: "app" });
}

const wrapped = (text: string) => `1 error occurred:\n\t* ${text}\n\n`;

// The texts that OpenBao 2.7.2 was heard to say; the last ones are HashiCorp's and gateways'.
const rows: readonly (readonly [status: number, text: string | undefined, code: string])[] = [
  [400, "cipher: message authentication failed", "not-authentic"],
  [400, "chacha20poly1305: message authentication failed", "not-authentic"],
  [500, wrapped("cipher: message authentication failed"), "not-authentic"],
  [500, wrapped("failed to RSA decrypt the ciphertext: crypto/rsa: decryption error"), "not-authentic"],
  [400, "invalid ciphertext: no prefix", "not-authentic"],
  [400, "invalid ciphertext: wrong number of fields", "not-authentic"],
  [400, "invalid ciphertext: version number could not be decoded", "not-authentic"],
  [400, "invalid ciphertext: could not decode base64", "not-authentic"],
  [400, "invalid ciphertext length", "not-authentic"],
  [400, "invalid ciphertext: version is too new", "kek-not-found"],
  [400, "encryption key not found", "kek-not-found"],
  [400, "key not found", "kek-not-found"],
  [400, "no existing key named app could be found", "kek-not-found"],
  [404, undefined, "kek-not-found"],
  [404, 'no handler for route "nope/encrypt/app". route entry not found.', "kek-not-found"],
  [404, wrapped("unsupported path"), "kek-not-found"],
  [404, "namespace not found", "kek-not-found"],
  [400, "ciphertext or signature version is disallowed by policy (too old)", "kek-unusable"],
  [400, "no such key version", "kek-unusable"],
  [400, "requested version for encryption is less than the minimum encryption key version", "kek-unusable"],
  [400, "refusing to use soft-deleted key", "kek-unusable"],
  [400, "missing 'context' for key derivation; the key was created using a derived key", "kek-unusable"],
  [400, "'[0].associated_data' provided for non-AEAD cipher suite rsa-2048", "kek-unusable"],
  [400, "message encryption not supported for key type ed25519", "kek-unusable"],
  [403, "permission denied", "access-denied"],
  [403, wrapped("permission denied"), "access-denied"],
  [403, undefined, "access-denied"],
  [401, undefined, "access-denied"],
  [400, "invalid role or secret ID", "access-denied"],
  [429, 'request path "transit/encrypt/app": rate limit quota exceeded', "throttled"],
  [429, undefined, "throttled"],
  [503, "Vault is sealed", "unavailable"],
  [503, "permission denied", "unavailable"],
  [500, "rpc: key not found", "unavailable"],
  [500, wrapped("refusing to use soft-deleted key"), "unavailable"],
  [502, "no handler for route", "unavailable"],
  [500, wrapped("internal error"), "unavailable"],
  [502, undefined, "unavailable"],
  [503, undefined, "unavailable"],
  [504, undefined, "unavailable"],
  [408, undefined, "unavailable"],
  [412, "required index state not present", "unavailable"],
  [472, undefined, "unavailable"],
  [473, undefined, "unavailable"],
  [307, undefined, "provider-error"],
  [400, "illegal base64 data at input byte 0", "provider-error"],
  [400, "refused JSON input due to high complexity", "provider-error"],
  [400, "failed to decode JSON input: unexpected EOF", "provider-error"],
  [405, wrapped("unsupported operation"), "provider-error"],
  [413, undefined, "provider-error"],
  [418, "something new", "provider-error"],
  [403, "2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n", "access-denied"],
  [400, "error performing token check: bad token", "access-denied"],
];

describe("an answer of Vault means", () => {
  test.each(rows)("%i %j: %s", async (status, text, code) => {
    const kek = answered(status, text === undefined ? [] : [text]);
    const error = await rejection(kek.wrap(newDataKey(), call));
    expect(kek.errorCode(error)).toBe(code);
    expect(kekErrorCode(kek, error)).toBe(code);
    expect(kek.retryAfterMs?.(error)).toBeUndefined();
  });

  test.each([
    [404, "<html>not here</html>", "provider-error"],
    [404, undefined, "provider-error"],
    [404, { message: "no Route matched" }, "provider-error"],
    [404, { errors: "key not found" }, "provider-error"],
    [404, { errors: [{ message: "key not found" }] }, "provider-error"],
    [400, "<html>key not found</html>", "provider-error"],
    [403, "<html>permission denied</html>", "access-denied"],
    [429, "<html>slow down</html>", "throttled"],
    [502, "<html>bad gateway</html>", "unavailable"],
  ])("only what is in its own words, and a status of a gateway is no more than that: %i %j is %s", async (statusCode, body, code) => {
    const client = answeringClient((path) => {
      if (path.includes("/keys/")) return readable;
      throw Object.assign(new Error(), { response: { statusCode, body } });
    });
    const kek = vaultTransit({ client, keyName: "app" });
    const error = await rejection(kek.wrap(newDataKey(), call));
    expect(kek.errorCode(error)).toBe(code);
    expect(String(error)).toContain(`status ${statusCode} and not with errors of vault`);
  });

  test("a version that is too new with a message of its own", async () => {
    const error = await rejection(answered(400, ["invalid ciphertext: version is too new"]).wrap(newDataKey(), call));
    expect(String(error)).toMatch(/older backup, or this is another cluster/);
  });
});

test.each(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ECONNABORTED", "ETIMEDOUT", "UND_ERR_SOCKET"])(
  "a network error, %s, is left to core, also where the client hides it",
  async (code) => {
    for (const error of [{ code }, { name: "TypeError", cause: { code } }, { code: "", errors: [{ code }, { code }] }]) {
      const client = answeringClient(() => {
        throw Object.assign(new Error("request failed"), error);
      });
      const kek = vaultTransit({ client, keyName: "app" });
      expect(kekErrorCode(kek, await rejection(kek.wrap(newDataKey(), call)))).toBe("unavailable");
    }
  },
);

test("a certificate that is not trusted is no outage", async () => {
  await using vault = await startVaultTransit({ tls: true });
  await using client = vaultClient({ endpoint: vault.endpoint, token: "root" });
  const foreign: VaultClient = nodeVault({ endpoint: vault.endpoint, token: "root" });
  for (const one of [client, foreign]) {
    const kek = vaultTransit({ client: one, keyName: "app" });
    const error = await rejection(kek.wrap(newDataKey(), call));
    expect(kekErrorCode(kek, error)).toBe("provider-error");
    expect(String(error)).toMatch(/CERT|SELF_SIGNED/);
  }
});

test.each([undefined, null, "text", 7, Symbol("x"), {}, [], new Error("x"), { meaning: "throttled" }, { status: 429 }])(
  "whatever else is thrown is provider-error: %s",
  (thrown) => {
    const kek = answered(400);
    expect(kek.errorCode(thrown)).toBe("provider-error");
    expect(kek.retryAfterMs?.(thrown)).toBeUndefined();
  },
);

describe("provoked for real, through core", async () => {
  const vault = await startVaultTransit();
  const { admin } = vault;
  const own = vaultClient({ endpoint: vault.endpoint, token: "root" });
  const foreign: VaultClient = nodeVault({ endpoint: vault.endpoint, token: "root" });
  afterAll(async () => {
    await own.close();
    await vault.close();
  });
  afterEach(() => {
    admin.clearFaults();
    admin.allowAll();
    admin.unseal();
  });
  const code = async (promise: Promise<unknown>) => {
    const error = await rejection(promise);
    expect(error).toBeInstanceOf(LetterlockError);
    return (error as LetterlockError).code;
  };

  describe.each([
    ["its own client", own],
    ["node-vault", foreign],
  ])("with %s", (_, client) => {
    const sealed = async () => {
      const ref = admin.createKey();
      const kek = vaultTransit({ client, keyName: ref.slice("transit/".length) });
      return { ref, kek, envelope: await seal(new Uint8Array(1), [kek]) };
    };

    test("access denied", async () => {
      const { kek, envelope } = await sealed();
      admin.deny({ operation: "decrypt" });
      expect(await code(open(envelope, [kek]))).toBe("access-denied");
    });

    test("a key that was deleted, and one that never was", async () => {
      const { ref, kek, envelope } = await sealed();
      admin.deleteKey(ref);
      expect(await code(open(envelope, [kek]))).toBe("kek-not-found");
      expect(await code(seal(new Uint8Array(1), [vaultTransit({ client, keyName: "never-was" })]))).toBe("kek-not-found");
      expect(await code(seal(new Uint8Array(1), [vaultTransit({ client, keyName: "app", mount: "nowhere" })]))).toBe("kek-not-found");
    });

    test("a key that was restored from an older backup", async () => {
      const { ref, kek } = await sealed();
      admin.rotateKey(ref);
      const envelope = await seal(new Uint8Array(1), [kek]);
      admin.deleteKey(ref);
      admin.createKey({ name: ref.slice("transit/".length) });
      expect(await code(open(envelope, [kek]))).toBe("kek-not-found");
    });

    test("a version that is shut out, a soft-deleted key", async () => {
      const { ref, kek, envelope } = await sealed();
      admin.rotateKey(ref);
      await own.write(ref.replace("/", "/keys/").concat("/config"), { min_decryption_version: 2 });
      expect(await code(open(envelope, [kek]))).toBe("kek-unusable");
      await own.write(ref.replace("/", "/keys/").concat("/config"), { min_decryption_version: 1 });
      await open(envelope, [kek]);
      admin.disableKey(ref);
      expect(await code(open(envelope, [kek]))).toBe("kek-unusable");
    });

    test("a key of the same name with other material", async () => {
      const { ref, kek, envelope } = await sealed();
      admin.deleteKey(ref);
      admin.createKey({ name: ref.slice("transit/".length) });
      expect(await code(open(envelope, [kek]))).toBe("not-authentic");
    });

    test("sealed, throttled, broken, garbled", async () => {
      const { kek, envelope } = await sealed();
      admin.seal();
      expect(await code(open(envelope, [kek]))).toBe("unavailable");
      admin.unseal();
      for (const [as, expected] of [
        ["throttled", "throttled"],
        ["unavailable", "unavailable"],
        ["reset", "unavailable"],
        ["garbage", "provider-error"],
        ["wrong-length", "not-authentic"],
      ] as const) {
        admin.fail({ operation: "decrypt", as });
        expect([as, await code(open(envelope, [kek]))]).toEqual([as, expected]);
      }
      admin.fail({ operation: "encrypt", as: "wrong-length" });
      expect(await code(seal(new Uint8Array(1), [kek]))).toBe("provider-error");
    });
  });

  test("Retry-After reaches the caller from its own client, and node-vault drops it", async () => {
    const ref = admin.createKey();
    admin.fail({ as: "throttled", times: 2 });
    for (const [client, wait] of [
      [own, 1000],
      [foreign, undefined],
    ] as const) {
      const kek = vaultTransit({ client, keyName: ref.slice("transit/".length) });
      expect(kek.retryAfterMs?.(await rejection(kek.wrap(newDataKey(), call)))).toBe(wait);
    }
  });
});
