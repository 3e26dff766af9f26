import { startVaultTransit } from "@letterlock/emulators";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, recipientOf, rejection, textOf } from "./support/call.ts";
import { answeringClient } from "./support/recording-client.ts";

const vault = await startVaultTransit();
const client = vaultClient({ endpoint: vault.endpoint, token: vault.rootToken });
afterAll(async () => {
  await client.close();
  await vault.close();
});
const ref = vault.admin.createKey();
const kek = vaultTransit({ client, keyName: ref.slice("transit/".length) });
const derivedRef = vault.admin.createKey({ derived: true });
const derived = vaultTransit({ client, keyName: derivedRef.slice("transit/".length), derived: true });
const call = callFor();
let good = "";
beforeAll(async () => {
  good = textOf((await kek.wrap(newDataKey(), call)).wrapped);
});

const body = (bytes: number) => Buffer.alloc(bytes, 7).toString("base64");
const spellings: readonly (readonly [string, () => string])[] = [
  ["version 0, which opens as 1", () => good.replace("v1", "v0")],
  ["version 01", () => good.replace("v1", "v01")],
  ["version +1", () => good.replace("v1", "v+1")],
  ["version -1", () => good.replace("v1", "v-1")],
  ["version 1.0", () => good.replace("v1", "v1.0")],
  ["a version of eleven digits", () => good.replace("v1", "v12345678901")],
  ["no version", () => good.replace("v1", "v")],
  ["a line break inside", () => `${good.slice(0, 20)}\n${good.slice(20)}`],
  ["a line break after it", () => `${good}\n`],
  ["a space before it", () => ` ${good}`],
  ["loose bits at the end", () => `vault:v1:${body(71)}`.replace(/.=$/, "d=")],
  ["no padding", () => `vault:v1:${body(70).replace(/=+$/, "")}`],
  ["base64url", () => `${good.slice(0, -1)}_`],
  ["another prefix", () => good.replace("vault", "VAULT")],
  ["no prefix", () => good.slice("vault:v1:".length)],
  ["another field", () => `${good}:AAAA`],
  ["nothing", () => ""],
  ["a shorter key", () => `vault:v1:${body(12 + 31 + 16)}`],
  ["a longer key", () => `vault:v1:${body(12 + 33 + 16)}`],
  ["an RSA ciphertext", () => `vault:v1:${body(256)}`],
  ["a letter that is none of ASCII", () => `${good.slice(0, -1)}Ａ`],
];

describe("what Vault would open, or choke on, is refused before anything is sent", () => {
  test.each(spellings)("%s", async (_, spell) => {
    const recipient = recipientOf(ref, { wrapped: new TextEncoder().encode(spell()) });
    vault.admin.takeRequests();
    expect(kek.errorCode(await rejection(kek.unwrap(recipient, call)))).toBe("not-authentic");
    expect(derived.errorCode(await rejection(derived.rewrap?.(recipient, call) ?? Promise.resolve()))).toBe("not-authentic");
    expect(vault.admin.takeRequests()).toEqual([]);
  });

  test("bytes that are none of ASCII and mean the same in their lower half", async () => {
    const wrapped = Buffer.from(good, "latin1").map((byte, index) => (index === 30 ? byte | 0x80 : byte));
    vault.admin.takeRequests();
    expect(kek.errorCode(await rejection(kek.unwrap(recipientOf(ref, { wrapped }), call)))).toBe("not-authentic");
    expect(vault.admin.takeRequests()).toEqual([]);
  });

  test("any text but one", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 120 }), fc.string(), async (bytes, text) => {
        for (const wrapped of [bytes, new TextEncoder().encode(`vault:v1:${text}`)]) {
          expect(kek.errorCode(await rejection(kek.unwrap(recipientOf(ref, { wrapped }), call)))).toBe("not-authentic");
        }
      }),
    );
  });
});

test("the recorded version is the one of the ciphertext", async () => {
  vault.admin.rotateKey(ref);
  const wrapped = await kek.wrap(newDataKey(), call);
  expect(wrapped.keyVersion).toBe("2");
  expect(textOf(wrapped.wrapped)).toMatch(/^vault:v2:[A-Za-z0-9+/]{80}$/);
});

describe("every type with authenticated encryption wraps", () => {
  test.each(["aes256-gcm96", "aes128-gcm96", "chacha20-poly1305", "xchacha20-poly1305"])("%s", async (type) => {
    const key = vault.admin.createKey({ type });
    const one = vaultTransit({ client, keyName: key.slice("transit/".length) });
    const dataKey = newDataKey();
    expect(await one.unwrap(recipientOf(key, await one.wrap(dataKey, call)), call)).toEqual(dataKey);
  });
});

const keyAnswer = { data: { name: "app", type: "aes256-gcm96", latest_version: 1, derived: false } };
const answering = (data: unknown) =>
  vaultTransit({ keyName: "app", client: answeringClient((path) => (path.includes("/keys/") ? keyAnswer : { data })) });

describe("an answer to wrap that is no wrapped data key is provider-error", () => {
  test.each([
    ["no ciphertext", {}],
    ["a number", { ciphertext: 7 }],
    ["a respelt version", { ciphertext: `vault:v01:${body(60)}` }],
    ["a shorter one", { ciphertext: `vault:v1:${body(59)}` }],
    ["a line break", { ciphertext: `vault:v1:${body(60)}\n` }],
    ["another version beside it", { ciphertext: `vault:v1:${body(60)}`, key_version: 2 }],
  ])("%s", async (_, data) => {
    const one = answering(data);
    expect(one.errorCode(await rejection(one.wrap(newDataKey(), call)))).toBe("provider-error");
  });

  test("a server that does not tell the version is taken at the word of its ciphertext", async () => {
    expect(await answering({ ciphertext: `vault:v12:${body(60)}` }).wrap(newDataKey(), call)).toMatchObject({ keyVersion: "12" });
  });
});

describe("an answer to unwrap that is no base64 is provider-error", () => {
  test.each([{}, { plaintext: 7 }, { plaintext: "AAA" }, { plaintext: "A A=" }, { plaintext: "AAAA\n" }])("%j", async (data) => {
    const one = answering(data);
    const recipient = recipientOf("transit/app", { wrapped: new TextEncoder().encode(good) });
    expect(one.errorCode(await rejection(one.unwrap(recipient, call)))).toBe("provider-error");
  });
});
