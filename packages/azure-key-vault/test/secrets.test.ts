import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import type { KeyClient, KeyClientOptions } from "@azure/keyvault-keys";
import { type Kek, type KekCall, open, seal } from "@letterlock/core";
import { type AzureKeyVaultEmulator, type FaultKind, startAzureKeyVault } from "@letterlock/emulators";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { azureKeyVault } from "../src/index.ts";
import { keyClient } from "./key-client.ts";
import { kekCall, recipientOf } from "./wrapped-call.ts";

let vault: AzureKeyVaultEmulator;
let call: KekCall;
const token = randomBytes(32).toString("base64url");

beforeAll(async () => {
  vault = await startAzureKeyVault();
  await vault.admin.createKey({ name: "orders" });
  call = await kekCall();
});
afterEach(() => {
  vault.admin.clearFaults();
  vault.admin.allowAll();
});
afterAll(() => vault.close());

/** The last characters of an unwrapped key get lost on the way: JSON no more, with most of the value still in it. */
const truncating: KeyClientOptions = {
  additionalPolicies: [
    {
      position: "perRetry",
      policy: {
        name: "truncate",
        async sendRequest(request, next) {
          const response = await next(request);
          return request.url.includes("/unwrapkey") && response.status === 200
            ? { ...response, bodyAsText: response.bodyAsText?.slice(0, -15) ?? null }
            : response;
        },
      },
    },
  ],
};
const clientOf = (options?: KeyClientOptions) => keyClient(vault, token, options);
const kekOf = (client: KeyClient) => azureKeyVault({ client, keyName: "orders" });
const failures: readonly (readonly [string, () => void])[] = [
  ...(["throttled", "unavailable", "reset", "garbage", "wrong-key"] as const).map(
    (as: FaultKind) =>
      [as, () => (["wrapKey", "unwrapKey"] as const).forEach((operation) => void vault.admin.fail({ as, operation }))] as const,
  ),
  ["denied", () => vault.admin.deny({ key: "orders" })],
  ["expired", () => vault.admin.expire(token)],
];

describe("an error of the SDK", () => {
  test("holds the data key and the token, which is why none leaves the adapter", async () => {
    vault.admin.deny({ operation: "wrapKey" });
    const dataKey = randomBytes(32);
    const error = await rejection(clientOf().getCryptographyClient("orders").wrapKey("RSA-OAEP-256", dataKey));
    expect(leaks(error, dataKey)).toEqual(["base64url", "token"]);
  });

  test("holds the unwrapped data key when the answer is cut short", async () => {
    const dataKey = randomBytes(32);
    const { wrapped } = await recipientOf(kekOf(clientOf()), dataKey, call);
    const error = await rejection(clientOf(truncating).getCryptographyClient("orders").unwrapKey("RSA-OAEP-256", wrapped));
    expect(everything(error)).toContain(dataKey.toString("base64url").slice(0, 20));
  });
});

describe("an error of the adapter", () => {
  test.each(failures)("holds no data key and no token: %s", async (_, fail) => {
    const kek = kekOf(clientOf());
    const dataKey = randomBytes(32);
    const recipient = await recipientOf(kek, dataKey, call);
    fail();
    for (const failing of [kek.wrap(dataKey, call), kek.unwrap(recipient, call)]) {
      const error = await rejection(failing);
      expect(error).toBeInstanceOf(Error);
      expect(leaks(error, dataKey)).toEqual([]);
    }
  });

  test("holds nothing of an answer that is cut short", async () => {
    const whole = kekOf(clientOf());
    const kek = kekOf(clientOf(truncating));
    const dataKey = randomBytes(32);
    const recipient = await recipientOf(whole, dataKey, call);
    const error = await rejection(kek.unwrap(recipient, call));
    expect(kek.errorCode(error)).toBe("provider-error");
    expect(leaks(error, dataKey)).toEqual([]);
    expect(everything(error)).not.toContain(dataKey.toString("base64url").slice(0, 20));
  });

  test("holds nothing that the service quotes", async () => {
    const dataKey = randomBytes(32);
    const wrapKey = (_: string, key: Uint8Array) => {
      const message = `the value ${Buffer.from(key).toString("base64url")} is wrong, said Bearer ${token}`;
      return Promise.reject(Object.assign(new Error(message), { statusCode: 400 }));
    };
    const client = { vaultUrl: vault.endpoint, getKey: wrapKey, getCryptographyClient: () => ({ wrapKey }) };
    const error = await rejection(kekOf(client as unknown as KeyClient).wrap(dataKey, call));
    expect(String(error)).toContain("wrapKey failed: status 400, the value ... is wrong");
    expect(leaks(error, dataKey)).toEqual([]);
  });

  test.each<[string, (text: string) => string]>([
    ["in part", (text) => text.slice(0, 30)],
    ["as hex", (text) => Buffer.from(text, "base64url").toString("hex")],
    ["as numbers", (text) => Buffer.from(text, "base64url").join(", ")],
    ["as a part of a URL", (text) => text.replaceAll("-", "%2D")],
    ["in another alphabet", (text) => Buffer.from(text, "base64url").toString("base64")],
  ])("holds nothing that is quoted %s, nor in a code", async (_, spell) => {
    const dataKey = Buffer.from(`${"ab-_".repeat(10)}ab8`, "base64url");
    const secret = spell(dataKey.toString("base64url"));
    const details = { error: { code: secret, innerError: { code: secret } } };
    const wrapKey = () => Promise.reject(Object.assign(new Error(`said ${secret}`), { statusCode: 400, code: secret, details }));
    const client = { vaultUrl: vault.endpoint, getKey: wrapKey, getCryptographyClient: () => ({ wrapKey }) };
    const error = await rejection(kekOf(client as unknown as KeyClient).wrap(dataKey, call));
    expect(String(error)).toContain("wrapKey failed: status 400, said ");
    for (let at = 0; at + 20 <= secret.length; at += 1) expect(everything(error)).not.toContain(secret.slice(at, at + 20));
  });

  test("keeps the ids that the service names", async () => {
    const said =
      "Caller is not authorized. Caller: appid=12345678-90ab-cdef-1234-567890abcdef;oid=22345678-90ab-cdef-1234-567890abcdef;" +
      "iss=https://sts.windows.net/32345678-90ab-cdef-1234-567890abcdef/ Version: 0123456789abcdef0123456789abcdef";
    const getKey = () => Promise.reject(Object.assign(new Error(said), { statusCode: 403 }));
    const client = { vaultUrl: vault.endpoint, getKey, getCryptographyClient: () => ({}) };
    expect(String(await rejection(kekOf(client as unknown as KeyClient).currentVersion?.(call) as Promise<unknown>))).toContain(said);
  });

  test("holds nothing in core either", async () => {
    const kek = kekOf(clientOf());
    for (const [, fail] of failures) {
      let dataKey: Buffer = Buffer.alloc(0);
      const watching: Kek = {
        ...kek,
        wrap: (key, kekCall) => {
          dataKey = Buffer.from(key);
          return kek.wrap(key, kekCall);
        },
      };
      const envelope = await seal(Buffer.from("x"), [watching]);
      const opened = Buffer.from(dataKey);
      fail();
      const openError = await rejection(open(envelope, [kek]));
      const sealError = await rejection(seal(Buffer.from("x"), [watching]));
      vault.admin.clearFaults();
      vault.admin.allowAll();
      expect(leaks(openError, opened)).toEqual([]);
      expect(leaks(sealError, dataKey)).toEqual([]);
    }
  });
});

async function rejection(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable("it did not fail"),
    (reason: unknown) => reason,
  );
}

/** The spellings of the secrets that can be reached from an error, or that it prints. */
function leaks(error: unknown, dataKey: Buffer): string[] {
  const text = everything(error);
  const spellings = { base64url: dataKey.toString("base64url"), base64: dataKey.toString("base64"), hex: dataKey.toString("hex"), token };
  return Object.entries(spellings)
    .filter(([, spelling]) => text.includes(spelling))
    .map(([name]) => name);
}

function everything(error: unknown): string {
  const printed = [true, false].map((customInspect) =>
    inspect(error, { depth: 20, showHidden: true, getters: true, customInspect, maxArrayLength: null, maxStringLength: null }),
  );
  return [...printed, JSON.stringify(error), ...reachable(error, new Set())].join("\n");
}

/** Every string and every byte array behind any property, hidden ones and symbols included. */
function reachable(value: unknown, seen: Set<unknown>): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null || seen.has(value)) return [];
  seen.add(value);
  if (value instanceof Uint8Array) return [Buffer.from(value).toString("base64url"), Buffer.from(value).toString("hex")];
  const inMap = value instanceof Map ? [...value.entries()].flat() : value instanceof Set ? [...value] : [];
  const behind = Reflect.ownKeys(value).map((key) => Reflect.get(value, key) as unknown);
  return [...inMap, ...behind].flatMap((inner) => reachable(inner, seen));
}
