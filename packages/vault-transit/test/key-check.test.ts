import { kekErrorCode } from "@letterlock/core";
import { startVaultTransit } from "@letterlock/emulators";
import { afterAll, beforeEach, describe, expect, test, vi } from "vitest";
import { checkVaultKey, type VaultClient, VaultError, vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, recipientOf, rejection } from "./support/call.ts";
import { answeringClient, recordingClient } from "./support/recording-client.ts";

const vault = await startVaultTransit();
const { admin } = vault;
const clients: { close(): Promise<void> }[] = [];
const clientWith = (token: string) => {
  const client = vaultClient({ endpoint: vault.endpoint, token });
  clients.push(client);
  return client;
};
const root = clientWith(vault.rootToken);
afterAll(async () => {
  await vault.close();
  await Promise.all(clients.map((client) => client.close()));
});
beforeEach(() => {
  admin.clearFaults();
  admin.takeRequests();
});

const nameOf = (ref: string) => ref.slice("transit/".length);
const operations = () => admin.takeRequests().map(({ operation }) => operation);
const plain = admin.createKey();
const derived = admin.createKey({ derived: true });
const convergent = admin.createKey({ derived: true, convergent: true });
const rsa = admin.createKey({ type: "rsa-2048" });
const signing = admin.createKey({ type: "ed25519" });
const call = callFor();

/** A client whose token has these capabilities on every path of a key. */
function withPolicy(rules: Readonly<Record<string, readonly string[]>>): VaultClient {
  const name = `policy-${crypto.randomUUID()}`;
  const text = Object.entries(rules).map(([path, capabilities]) => `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`);
  admin.putPolicy(name, text.join("\n"));
  return clientWith(admin.createToken({ policies: [name] }));
}
const updateOnly = withPolicy({ "transit/encrypt/*": ["update"], "transit/decrypt/*": ["update"], "transit/rewrap/*": ["update"] });
const sealOnly = withPolicy({ "transit/encrypt/*": ["update"] });
const sealAndCreate = withPolicy({ "transit/encrypt/*": ["update", "create"] });
const openAndCreate = withPolicy({ "transit/encrypt/*": ["update", "create"], "transit/decrypt/*": ["update"] });

const mismatches: readonly (readonly [what: string, ref: string, derived: boolean])[] = [
  ["a derived key that is configured as plain", derived, false],
  ["a plain key that is configured as derived", plain, true],
  ["a convergent key", convergent, true],
  ["an RSA key", rsa, false],
  ["a key that only signs", signing, false],
];

describe("a key that is not as configured is kek-unusable, and no data key is sent", () => {
  test.each(mismatches)("%s", async (_, ref, asDerived) => {
    const kek = vaultTransit({ client: root, keyName: nameOf(ref), derived: asDerived });
    const recipient = recipientOf(ref, { wrapped: Buffer.from(`vault:v1:${Buffer.alloc(60).toString("base64")}`) });
    for (const run of [() => kek.wrap(newDataKey(), call), () => kek.unwrap(recipient, call), () => kek.currentVersion(call)]) {
      const error = await rejection(run());
      expect(kek.errorCode(error)).toBe("kek-unusable");
      expect(String(error)).toContain(ref);
      expect(operations()).toEqual(["keys/read"]);
    }
  });

  test.each(mismatches.filter(([what]) => what !== "a convergent key"))("%s, which may not be read", async (_, ref, asDerived) => {
    const client = recordingClient(updateOnly);
    const kek = vaultTransit({ client, keyName: nameOf(ref), derived: asDerived });
    expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), call)))).toBe("kek-unusable");
    expect(operations()).toEqual(["keys/read", "decrypt"]);
    expect(client.sent.map(({ data }) => data)).toEqual([undefined, { ciphertext: "vault:v1:AAAA" }]);
  });
});

describe("a key that is not there is kek-not-found, and none is made", () => {
  test.each([
    ["it may be read", root],
    ["it may not be read but decrypted with", openAndCreate],
  ])("%s", async (_, client) => {
    const keyName = `missing-${crypto.randomUUID()}`;
    const kek = vaultTransit({ client, keyName });
    expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), call)))).toBe("kek-not-found");
    expect(operations()).not.toContain("encrypt");
    await expect(root.read(`transit/keys/${keyName}`)).rejects.toMatchObject({ meaning: "kek-not-found" });
  });

  test("nothing may be learned, and the policy lacks create: access-denied", async () => {
    const keyName = `missing-${crypto.randomUUID()}`;
    const kek = vaultTransit({ client: sealOnly, keyName });
    expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), call)))).toBe("access-denied");
    await expect(root.read(`transit/keys/${keyName}`)).rejects.toMatchObject({ meaning: "kek-not-found" });
  });

  test("but nothing keeps a policy with create that may neither read nor decrypt from making it, as the README says", async () => {
    const keyName = `missing-${crypto.randomUUID()}`;
    await vaultTransit({ client: sealAndCreate, keyName }).wrap(newDataKey(), call);
    await expect(root.read(`transit/keys/${keyName}`)).resolves.toMatchObject({ data: { name: keyName } });
  });
});

describe("the look at the key", () => {
  test("is remembered when it succeeded, and when nothing may be learned", async () => {
    for (const client of [root, updateOnly, sealOnly]) {
      const kek = vaultTransit({ client, keyName: nameOf(plain) });
      await kek.wrap(newDataKey(), call);
      admin.takeRequests();
      await kek.wrap(newDataKey(), call);
      expect(operations()).toEqual(["encrypt"]);
    }
  });

  test.each(["unavailable", "throttled", "reset", "garbage", "wrong-key"] as const)("is not remembered when it failed: %s", async (as) => {
    const kek = vaultTransit({ client: root, keyName: nameOf(plain) });
    admin.fail({ operation: "keys/read", as });
    await rejection(kek.wrap(newDataKey(), call));
    expect(operations()).toEqual(["keys/read"]);
    await kek.wrap(newDataKey(), call);
    expect(operations()).toEqual(["keys/read", "encrypt"]);
  });

  test("is not remembered when the token was refused, which is no answer of the policy", async () => {
    let token = "expired";
    const client = vaultClient({ endpoint: vault.endpoint, token: () => token });
    clients.push(client);
    const kek = vaultTransit({ client, keyName: nameOf(plain), derived: true });
    expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), call)))).toBe("access-denied");
    token = vault.rootToken;
    expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), call)))).toBe("kek-unusable");
  });

  test.each(["2 errors occurred:\n\t* permission denied\n\t* invalid token\n\n", "permission denied", "bad token"])(
    "takes the text of a refused token for that: %j",
    async (text) => {
      const refusing = answeringClient(() => {
        throw Object.assign(new Error(), { response: { statusCode: 403, body: { errors: [text] } } });
      });
      await expect(checkVaultKey({ client: refusing, keyName: "app" })).rejects.toMatchObject({ meaning: "access-denied" });
    },
  );

  test("ends for a caller that aborts, and goes on for the others", async () => {
    admin.fail({ operation: "keys/read", as: "slow", afterMs: 50 });
    const client = recordingClient(root);
    const kek = vaultTransit({ client, keyName: nameOf(plain) });
    const controller = new AbortController();
    const reason = new Error("enough");
    const aborted = rejection(kek.wrap(newDataKey(), callFor("a", controller.signal)));
    const other = kek.wrap(newDataKey(), call);
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    expect(client.sent[0]?.signal?.aborted).toBe(false);
    await other;
    expect(operations()).toEqual(["keys/read", "encrypt"]);
  });

  test("ends when every caller has aborted, and begins again for the next", async () => {
    admin.fail({ operation: "keys/read", as: "timeout" });
    const client = recordingClient(root);
    const kek = vaultTransit({ client, keyName: nameOf(plain) });
    const controllers = [new AbortController(), new AbortController()];
    const aborted = controllers.map(({ signal }) => rejection(kek.wrap(newDataKey(), callFor("a", signal))));
    await vi.waitFor(() => expect(operations()).toEqual(["keys/read"]));
    for (const controller of controllers) controller.abort(new Error("enough"));
    expect((await Promise.all(aborted)).map(String)).toEqual(["Error: enough", "Error: enough"]);
    expect(client.sent[0]?.signal?.aborted).toBe(true);
    await kek.wrap(newDataKey(), call);
    expect(client.sent.map(({ method }) => method)).toEqual(["read", "read", "write"]);
  });

  test("begins again for a call that is made in the very moment when the others abort", async () => {
    admin.fail({ operation: "keys/read", as: "timeout" });
    const kek = vaultTransit({ client: root, keyName: nameOf(plain) });
    const controller = new AbortController();
    const aborted = rejection(kek.wrap(newDataKey(), callFor("a", controller.signal)));
    await vi.waitFor(() => expect(operations()).toEqual(["keys/read"]));
    controller.abort(new Error("enough"));
    expect(await kek.wrap(newDataKey(), call)).toMatchObject({ keyVersion: "1" });
    expect(String(await aborted)).toBe("Error: enough");
  });

  test("does not begin for a call that was aborted before", async () => {
    const reason = new Error("enough");
    const client = recordingClient(root);
    const kek = vaultTransit({ client, keyName: nameOf(plain) });
    expect(await rejection(kek.wrap(newDataKey(), callFor("a", AbortSignal.abort(reason))))).toBe(reason);
    expect(client.sent).toEqual([]);
  });

  test.each(["unavailable", "throttled", "reset"] as const)("is not remembered when the probe failed: %s", async (as) => {
    const kek = vaultTransit({ client: updateOnly, keyName: nameOf(plain), derived: true });
    admin.fail({ operation: "decrypt", as });
    const error = await rejection(kek.wrap(newDataKey(), call));
    expect(kekErrorCode(kek, error)).toBe(as === "throttled" ? "throttled" : "unavailable");
    expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), call)))).toBe("kek-unusable");
  });

  test("is not forgotten when a later caller aborts", async () => {
    const kek = vaultTransit({ client: root, keyName: nameOf(plain) });
    await kek.wrap(newDataKey(), call);
    const controller = new AbortController();
    const aborted = rejection(kek.wrap(newDataKey(), callFor("a", controller.signal)));
    controller.abort();
    await aborted;
    admin.takeRequests();
    await kek.wrap(newDataKey(), call);
    expect(operations()).toEqual(["encrypt"]);
  });

  test.each([
    ["no name", { type: "aes256-gcm96", latest_version: 1, derived: false }],
    ["another name", { name: "other", type: "aes256-gcm96", latest_version: 1, derived: false }],
    ["no version", { name: "app", type: "aes256-gcm96", derived: false }],
    ["a version that is text", { name: "app", type: "aes256-gcm96", latest_version: "1", derived: false }],
  ])("takes nothing for the answer that is not: %s", async (_, data) => {
    const client = answeringClient(() => ({ data }));
    await expect(checkVaultKey({ client, keyName: "app" })).rejects.toMatchObject({ meaning: "provider-error" });
  });
});

describe("checkVaultKey tells what could be found out", () => {
  test.each([
    ["the key may be read", root, derived, { known: "read", derived: true, currentVersion: "1" }],
    ["the key may not be read", updateOnly, derived, { known: "probed", derived: true, currentVersion: undefined }],
    ["the plain key may not be read", updateOnly, plain, { known: "probed", derived: false, currentVersion: undefined }],
    ["nothing is allowed but to encrypt", sealOnly, derived, { known: "unknown", derived: undefined, currentVersion: undefined }],
  ])("%s", async (_, client, ref, expected) => {
    expect(await checkVaultKey({ client, keyName: nameOf(ref), derived: ref === derived })).toEqual(expected);
  });

  test("the probe learns nothing where version 1 is shut out", async () => {
    const ref = admin.createKey({ derived: true });
    admin.rotateKey(ref);
    await root.write(`transit/keys/${nameOf(ref)}/config`, { min_decryption_version: 2 });
    expect(await checkVaultKey({ client: updateOnly, keyName: nameOf(ref), derived: true })).toMatchObject({ known: "unknown" });
  });

  test("a key that is soft-deleted, where the probe finds it so", async () => {
    const ref = admin.createKey();
    admin.disableKey(ref);
    await expect(checkVaultKey({ client: updateOnly, keyName: nameOf(ref) })).rejects.toMatchObject({ meaning: "kek-unusable" });
  });

  test("with the failure that a KEK would have, or the caller's own reason", async () => {
    await expect(checkVaultKey({ client: root, keyName: "missing" })).rejects.toBeInstanceOf(VaultError);
    await expect(checkVaultKey({ client: root, keyName: "missing" })).rejects.toMatchObject({ meaning: "kek-not-found", status: 404 });
    const reason = new Error("enough");
    await expect(checkVaultKey({ client: root, keyName: "missing" }, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });
});
