import { readFileSync } from "node:fs";
import { join } from "node:path";
import { open, refresh, rewrap, seal, verify } from "@letterlock/core";
import { startVaultTransit } from "@letterlock/emulators";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { checkVaultKey, type OwnVaultClient, vaultClient, vaultTransit } from "../src/index.ts";
import { rejection } from "./support/call.ts";

// The policies of the README, as they are written there.

const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
const policies = new Map(Array.from(readme.matchAll(/([^\n]+):\n\n```hcl\n([\s\S]*?)```/g), ([, title = "", text = ""]) => [title, text]));

const vault = await startVaultTransit();
const clients: OwnVaultClient[] = [];
afterAll(async () => {
  await Promise.all(clients.map((client) => client.close()));
  await vault.close();
});
const clientWith = (token: string) => {
  const client = vaultClient({ endpoint: vault.endpoint, token });
  clients.push(client);
  return client;
};
const root = clientWith(vault.rootToken);
const message = new Uint8Array([1, 2, 3]);
const context = { tenant: "acme" };

let derived = false;
const kekOf = (client: OwnVaultClient) => vaultTransit({ client, keyName: "app", derived });

/** A client whose token has one policy of the README. */
function clientFor(title: string): OwnVaultClient {
  const text = policies.get(title);
  if (text === undefined) throw new Error(`the README has no policy ${title}`);
  vault.admin.putPolicy("readme", text);
  return clientWith(vault.admin.createToken({ policies: ["readme"] }));
}
async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return ((await rejection(promise)) as { code?: unknown }).code;
}

beforeEach(() => {
  derived = false;
  vault.admin.createKey({ name: "app" });
});

test("the README has a policy for each purpose, and none of them creates", () => {
  expect([...policies.keys()]).toEqual([
    "Seal only",
    "Seal only, with the look at the key, which is better",
    "Open only",
    "Refresh a plain key",
    "Refresh a derived key, without ever seeing a data key",
    "Rotate",
  ]);
  for (const text of policies.values()) expect(text).not.toContain("create");
});

describe.each([
  ["Seal only", "unknown"],
  ["Seal only, with the look at the key, which is better", "read"],
])("%s", (title, known) => {
  test("seals, and neither opens nor refreshes", async () => {
    const client = clientFor(title);
    const envelope = await seal(message, [kekOf(client)], { context });
    expect(await open(envelope, [kekOf(root)], { context })).toEqual(message);
    expect(await codeOf(open(envelope, [kekOf(client)], { context }))).toBe("access-denied");
    expect(await checkVaultKey({ client, keyName: "app" })).toMatchObject({ known });
  });

  test("makes no key", async () => {
    const client = clientFor(title);
    vault.admin.deleteKey("transit/app");
    expect(["access-denied", "kek-not-found"]).toContain(await codeOf(seal(message, [kekOf(client)])));
    await expect(root.read("transit/keys/app")).rejects.toMatchObject({ status: 404 });
  });
});

test("Open only opens, does not seal, and still notices a key that is not as configured", async () => {
  const client = clientFor("Open only");
  const envelope = await seal(message, [kekOf(root)], { context });
  expect(await open(envelope, [kekOf(client)], { context })).toEqual(message);
  expect(await codeOf(seal(message, [kekOf(client)]))).toBe("access-denied");
  derived = true;
  expect(await codeOf(open(envelope, [kekOf(client)], { context }))).toBe("kek-unusable");
});

test("Refresh a plain key does, and rotates not", async () => {
  const client = clientFor("Refresh a plain key");
  const envelope = await seal(message, [kekOf(root)], { context });
  vault.admin.rotateKey("transit/app");
  const { object, recipients } = await refresh(envelope, [kekOf(client)], { context });
  expect(recipients).toMatchObject([{ from: "1", to: "2", status: "wrapped-again" }]);
  expect((await verify(object, [kekOf(root)], { context })).ok).toBe(true);
  await expect(client.write("transit/keys/app/rotate", {})).rejects.toMatchObject({ meaning: "access-denied" });
});

test("Refresh a derived key does, and opens nothing", async () => {
  derived = true;
  vault.admin.deleteKey("transit/app");
  vault.admin.createKey({ name: "app", derived });
  const client = clientFor("Refresh a derived key, without ever seeing a data key");
  const envelope = await seal(message, [kekOf(root)], { context });
  vault.admin.rotateKey("transit/app");
  const { object, recipients } = await refresh(envelope, [kekOf(client)], { context });
  expect(recipients).toMatchObject([{ from: "1", to: "2", status: "rewrapped" }]);
  expect((await verify(object, [kekOf(root)], { context })).ok).toBe(true);
  expect(await codeOf(open(envelope, [kekOf(client)], { context }))).toBe("access-denied");
  expect(await codeOf(rewrap(envelope, { from: [kekOf(client)], to: [kekOf(client)] }, { context }))).toBe("access-denied");
});

test("Rotate rotates, and nothing else", async () => {
  const client = clientFor("Rotate");
  await client.write("transit/keys/app/rotate", {});
  expect(await codeOf(seal(message, [kekOf(client)]))).toBe("access-denied");
  await expect(client.read("transit/keys/app")).rejects.toMatchObject({ meaning: "access-denied" });
});
