import nodeVault from "node-vault";
import { afterEach, describe, expect, test } from "vitest";
import { startVaultTransit, type VaultTransitEmulator, type VaultTransitOptions, vaultTransitDifferences } from "../../src/index.ts";

const started: VaultTransitEmulator[] = [];
afterEach(async () => {
  for (const vault of started.splice(0)) await vault.close();
});

async function start(options: VaultTransitOptions = {}) {
  const vault = await startVaultTransit(options);
  started.push(vault);
  const as = (token: string, more: object = {}) => nodeVault({ endpoint: vault.endpoint, token, ...more });
  return { ...vault, as, root: as(vault.rootToken) };
}

const plaintext = Buffer.from("0123456789abcdef0123456789abcdef").toString("base64");
/** What node-vault rejects with, as status and text. */
async function refusal(promise: Promise<unknown>) {
  const error = (await promise.then(
    (value) => {
      throw new Error(`it resolved to ${JSON.stringify(value)}`);
    },
    (reason: unknown) => reason,
  )) as { response?: { statusCode: number; body?: { errors?: string[] } }; code?: string };
  return error.response === undefined ? error.code : `${error.response.statusCode} ${error.response.body?.errors?.join()}`;
}
const denied = "403 1 error occurred:\n\t* permission denied\n\n";
const refused = "403 permission denied";

describe("node-vault, unmodified", () => {
  test("encrypts, decrypts, rotates, rewraps, lists, deletes", async () => {
    const { root } = await start();
    await root.write("transit/keys/app", { derived: true });
    const { ciphertext } = (await root.write("transit/encrypt/app", { plaintext, context: "YQ==" })).data;
    await root.write("transit/keys/app/rotate", {});
    const moved = (await root.write("transit/rewrap/app", { ciphertext, context: "YQ==" })).data;
    expect(moved.key_version).toBe(2);
    expect((await root.write("transit/decrypt/app", { ciphertext: moved.ciphertext, context: "YQ==" })).data).toEqual({ plaintext });
    expect((await root.list("transit/keys")).data).toEqual({ keys: ["app"] });
    expect(await refusal(root.delete("transit/keys/app"))).toMatch(/^400 .*deletion is not allowed/);
    await root.write("transit/keys/app/config", { deletion_allowed: true });
    await root.delete("transit/keys/app");
    expect(await refusal(root.list("transit/keys"))).toBe("404 ");
  });

  test("lists with both methods, one request after the other", async () => {
    const { root, as, rootToken } = await start();
    await root.write("transit/keys/app", {});
    const byGet = as(rootToken, { noCustomHTTPVerbs: true });
    for (const client of [root, byGet, root, root, byGet]) expect((await client.list("transit/keys")).data).toEqual({ keys: ["app"] });
  });

  test("works over TLS with the throw-away certificate", async () => {
    const { as, rootToken, certificate, endpoint } = await start({ tls: true });
    expect(endpoint).toMatch(/^https:/);
    const client = as(rootToken, { requestOptions: { ca: certificate } });
    await client.write("transit/keys/app", {});
    expect((await client.list("transit/keys")).data).toEqual({ keys: ["app"] });
  });
});

describe("tokens", () => {
  test("expire by the clock of the emulator, not before", async () => {
    const { admin, as, root } = await start();
    await root.write("transit/keys/app", {});
    admin.putPolicy("app", 'path "transit/+/app" { capabilities = ["update", "read"] }');
    const client = as(admin.createToken({ policies: ["app"], ttlMs: 10_000 }));
    admin.advanceMs(9_000);
    await client.read("transit/keys/app");
    expect((await client.read("auth/token/lookup-self")).data).toMatchObject({ policies: ["app", "default"], creation_ttl: 10 });
    admin.advanceMs(1_000);
    expect(await refusal(client.read("transit/keys/app"))).toBe(refused);
    expect(await refusal(client.write("auth/token/renew-self", {}))).toBe(refused);
  });

  test("are renewed up to their longest time", async () => {
    const { admin, as, root } = await start();
    const made = (await root.write("auth/token/create", { policies: ["x"], ttl: "60s", explicit_max_ttl: "100s" })).auth;
    const client = as(made.client_token);
    admin.advanceMs(50_000);
    expect((await client.write("auth/token/renew-self", {})).auth.lease_duration).toBe(50);
    admin.advanceMs(40_000);
    expect((await client.write("auth/token/renew-self", { increment: "5s" })).auth.lease_duration).toBe(5);
    admin.advanceMs(10_000);
    expect(await refusal(client.read("auth/token/lookup-self"))).toBe(refused);
  });

  test("of a period are renewed for ever, batch tokens never", async () => {
    const { admin, as, root } = await start();
    const periodic = as((await root.write("auth/token/create", { policies: ["x"], period: "60s" })).auth.client_token);
    for (let renewals = 0; renewals < 5; renewals += 1) {
      admin.advanceMs(50_000);
      expect((await periodic.write("auth/token/renew-self", {})).auth.lease_duration).toBe(60);
    }
    const batch = (await root.write("auth/token/create", { policies: ["default"], type: "batch", ttl: "60s" })).auth;
    expect(batch).toMatchObject({ renewable: false, client_token: expect.stringMatching(/^b\./) });
    expect(await refusal(as(batch.client_token).write("auth/token/renew-self", {}))).toBe("400 lease is not renewable");
  });

  test("are used up, revoked, and revoked with the one that made them", async () => {
    const { admin, as, root } = await start();
    const once = as(admin.createToken({ policies: [], numUses: 1 }));
    await once.read("auth/token/lookup-self");
    expect(await refusal(once.read("auth/token/lookup-self"))).toBe(refused);
    admin.putPolicy("maker", 'path "auth/token/create" { capabilities = ["update"] }');
    const parent = admin.createToken({ policies: ["maker"] });
    const child = (await as(parent).write("auth/token/create", { policies: ["maker"] })).auth.client_token;
    await root.write("auth/token/revoke", { token: parent });
    for (const token of [parent, child]) expect(await refusal(as(token).read("auth/token/lookup-self"))).toBe(refused);
    const last = admin.createToken({ policies: [] });
    admin.revokeToken(last);
    expect(await refusal(as(last).read("auth/token/lookup-self"))).toBe(refused);
  });
});

test("an AppRole logs in, with secret ids that are used up or expire, and another mount of it is another one", async () => {
  const { admin, as, root } = await start();
  for (const mount of ["approle", "team/apps"]) await root.write(`sys/auth/${mount}`, { type: "approle" });
  await root.write("auth/team/apps/role/app", { token_policies: "one,two", token_ttl: "3s", secret_id_num_uses: 2, secret_id_ttl: "60s" });
  const { role_id } = (await root.read("auth/team/apps/role/app/role-id")).data;
  const secretId = async () => (await root.write("auth/team/apps/role/app/secret-id", {})).data.secret_id as string;
  const secret_id = await secretId();
  const anonymous = as("");
  const logIn = (mount: string, credentials: object) => anonymous.write(`auth/${mount}/login`, credentials);
  const { auth } = await logIn("team/apps", { role_id, secret_id });
  expect(auth).toMatchObject({ lease_duration: 3, renewable: true, policies: ["default", "one", "two"], metadata: { role_name: "app" } });
  expect(await refusal(logIn("approle", { role_id, secret_id }))).toBe("400 invalid role or secret ID");
  await logIn("team/apps", { role_id, secret_id });
  expect(await refusal(logIn("team/apps", { role_id, secret_id }))).toBe("400 invalid role or secret ID");
  const expiring = await secretId();
  admin.advanceMs(60_000);
  expect(await refusal(logIn("team/apps", { role_id, secret_id: expiring }))).toBe("400 invalid role or secret ID");
  expect(await refusal(as(auth.client_token).read("auth/token/lookup-self"))).toBe(refused);
});

test("a sealed server answers 503 to everybody, and health says so; afterwards tokens and ciphertexts are as before", async () => {
  const { admin, endpoint, root } = await start();
  await root.write("transit/keys/app", {});
  const { ciphertext } = (await root.write("transit/encrypt/app", { plaintext })).data;
  const health = async () => (await fetch(`${endpoint}/v1/sys/health`)).status;
  expect(await health()).toBe(200);
  for (const seal of [() => root.write("sys/seal", {}), async () => admin.seal()]) {
    await seal();
    expect(await health()).toBe(503);
    expect(await refusal(root.write("transit/decrypt/app", { ciphertext }))).toBe("503 Vault is sealed");
    expect(await refusal(root.write("auth/approle/login", {}))).toBe("503 Vault is sealed");
    expect(await refusal(root.write("sys/unseal", { key: Buffer.alloc(32).toString("base64") }))).toMatch(/^400 /);
    expect(await root.write("sys/unseal", { key: admin.unsealKey })).toMatchObject({ sealed: false });
    expect((await root.write("transit/decrypt/app", { ciphertext })).data).toEqual({ plaintext });
  }
  admin.seal();
  admin.unseal();
  expect(await health()).toBe(200);
});

test("namespaces have their own mounts, policies and tokens; the header and the path name them", async () => {
  const { admin, as, endpoint, root, rootToken } = await start();
  await root.write("sys/namespaces/team", {});
  const team = as(rootToken, { namespace: "team" });
  expect(await refusal(team.read("transit/keys/app"))).toMatch(/^404 no handler for route/);
  await team.write("sys/mounts/transit", { type: "transit" });
  await team.write("transit/keys/app", { derived: true });
  await root.write("transit/keys/app", {});
  expect((await root.read("team/transit/keys/app")).data.derived).toBe(true);
  expect((await root.read("transit/keys/app")).data.derived).toBe(false);
  admin.putPolicy("app", 'path "transit/keys/app" { capabilities = ["read"] }', "team");
  const token = admin.createToken({ policies: ["app"], namespace: "team" });
  expect((await as(token, { namespace: "team" }).read("transit/keys/app")).data.derived).toBe(true);
  expect((await nodeVault({ endpoint, token }).read("team/transit/keys/app")).data.derived).toBe(true);
  expect(await refusal(as(token).read("transit/keys/app"))).toBe(denied);
  expect(await refusal(as(rootToken, { namespace: "nobody" }).read("transit/keys/app"))).toBe("404 namespace not found");
});

test("rotates by itself when the period of a key is over", async () => {
  const { admin, root } = await start();
  const ref = admin.createKey({ name: "app" });
  await root.write("transit/keys/app/config", { auto_rotate_period: "1h" });
  admin.advanceMs(3_599_000);
  expect((await root.read("transit/keys/app")).data.latest_version).toBe(1);
  admin.advanceMs(1_000);
  expect((await root.read("transit/keys/app")).data.latest_version).toBe(2);
  expect(ref).toBe("transit/app");
});

test("takes at most 1,000 JSON strings, and no body of more than 33 MiB", async () => {
  const { root } = await start();
  await root.write("transit/keys/app", {});
  const batch = (items: number) => root.write("transit/encrypt/app", { batch_input: Array.from({ length: items }, () => ({ plaintext })) });
  expect((await batch(499)).data.batch_results).toHaveLength(499);
  expect(await refusal(batch(500))).toBe("400 refused JSON input due to high complexity");
  expect(await refusal(root.write("transit/encrypt/app", { plaintext: "A".repeat(35 * 1024 * 1024) }))).toMatch(/^413/);
});

describe("faults", () => {
  test.each([
    ["throttled", '429 request path "transit/encrypt/app": rate limit quota exceeded'],
    ["unavailable", "503 Vault is sealed"],
    ["reset", "ECONNRESET"],
    ["timeout", "ECONNABORTED"],
  ] as const)("%s", async (as, expected) => {
    const { admin, root } = await start();
    admin.createKey({ name: "app" });
    admin.fail({ operation: "encrypt", as });
    expect(await refusal(root.write("transit/encrypt/app", { plaintext }, { timeout: 200 }))).toBe(expected);
    expect((await root.write("transit/encrypt/app", { plaintext })).data.key_version).toBe(1);
  });

  test("throttled asks to wait", async () => {
    const { admin, endpoint } = await start();
    admin.fail({ as: "throttled" });
    expect((await fetch(`${endpoint}/v1/transit/keys/app`)).headers.get("retry-after")).toBe("1");
  });

  test("garbage, wrong-length, wrong-key, slow", async () => {
    const { admin, root } = await start();
    admin.createKey({ name: "app" });
    const { ciphertext } = (await root.write("transit/encrypt/app", { plaintext })).data;
    admin.fail({ operation: "decrypt", as: "garbage" });
    expect(await root.write("transit/decrypt/app", { ciphertext })).toMatch(/^<html>/);
    admin.fail({ operation: "decrypt", as: "wrong-length", times: 2 });
    const shorter = Buffer.from(plaintext, "base64").subarray(0, -1).toString("base64");
    expect((await root.write("transit/decrypt/app", { ciphertext })).data).toEqual({ plaintext: shorter });
    const batch = await root.write("transit/decrypt/app", { batch_input: [{ ciphertext }] });
    expect(batch.data.batch_results).toEqual([{ plaintext: shorter, reference: "" }]);
    admin.fail({ operation: "encrypt", as: "wrong-length" });
    expect((await root.write("transit/encrypt/app", { plaintext })).data.ciphertext).toHaveLength(ciphertext.length);
    admin.fail({ operation: "keys/read", as: "wrong-key" });
    expect((await root.read("transit/keys/app")).data.name).toBe("app-other");
    admin.fail({ operation: "keys/read", as: "slow", afterMs: 30 });
    const before = performance.now();
    expect((await root.read("transit/keys/app")).data.name).toBe("app");
    expect(performance.now() - before).toBeGreaterThanOrEqual(29);
  });

  test("meet the LIST method too", async () => {
    const { admin, root } = await start();
    admin.createKey({ name: "app" });
    admin.fail({ operation: "keys/list", as: "reset" });
    expect(await refusal(root.list("transit/keys"))).toBe("ECONNRESET");
    admin.fail({ operation: "keys/list", as: "throttled" });
    expect(await refusal(root.list("transit/keys"))).toMatch(/^429 /);
  });

  test("of operations that do not exist are misuse", async () => {
    const { admin } = await start();
    expect(() => admin.fail({ operation: "wrap", as: "reset" })).toThrow(RangeError);
    expect(() => admin.deny({ operation: "wrap" })).toThrow(RangeError);
  });
});

describe("the admin", () => {
  test("denies by token, operation and key, until everything is allowed", async () => {
    const { admin, root } = await start();
    const [app, other] = [admin.createKey({ name: "app" }), admin.createKey({ name: "other" })];
    admin.deny({ credential: "root", operation: "encrypt", key: app });
    expect(await refusal(root.write("transit/encrypt/app", { plaintext }))).toBe(denied);
    await root.write("transit/encrypt/other", { plaintext });
    await root.read("transit/keys/app");
    admin.deny({ key: other });
    expect(await refusal(root.read("transit/keys/other"))).toBe(denied);
    admin.allowAll();
    await root.write("transit/encrypt/app", { plaintext });
  });

  test("tells what reached the service, keys as Letterlock names them", async () => {
    const { admin, root } = await start();
    admin.createKey({ name: "app", mount: "team/transit" });
    admin.fail({ operation: "decrypt", as: "throttled" });
    await root.write("team/transit/encrypt/app", { plaintext });
    await refusal(root.write("team/transit/decrypt/app", { ciphertext: "x" }));
    await root.list("team/transit/keys");
    await root.read("sys/mounts");
    expect(admin.takeRequests()).toEqual([
      { operation: "encrypt", key: "team/transit/app", credential: "root", fault: undefined },
      { operation: "decrypt", key: "team/transit/app", credential: "root", fault: "throttled" },
      { operation: "keys/list", key: undefined, credential: "root", fault: undefined },
      { operation: "sys", key: undefined, credential: "root", fault: undefined },
    ]);
    expect(admin.takeRequests()).toEqual([]);
  });

  test("rotates, disables, enables and deletes a key", async () => {
    const { admin, root } = await start();
    const ref = admin.createKey();
    const path = ref.replace("/", "/decrypt/");
    const { ciphertext } = (await root.write(ref.replace("/", "/encrypt/"), { plaintext })).data;
    admin.rotateKey(ref);
    expect((await root.write(ref.replace("/", "/encrypt/"), { plaintext })).data.key_version).toBe(2);
    admin.disableKey(ref);
    expect(await refusal(root.write(path, { ciphertext }))).toBe("400 refusing to use soft-deleted key");
    admin.enableKey(ref);
    expect((await root.write(path, { ciphertext })).data).toEqual({ plaintext });
    admin.deleteKey(ref);
    expect(await refusal(root.write(path, { ciphertext }))).toBe("400 encryption key not found");
    for (const run of [admin.rotateKey, admin.disableKey, admin.enableKey, admin.deleteKey]) expect(() => run(ref)).toThrow(RangeError);
    expect(() => admin.createKey({ type: "none" })).toThrow(RangeError);
    expect(() => admin.putPolicy("bad", "path {")).toThrow(RangeError);
    expect(() => admin.advanceMs(-1)).toThrow(RangeError);
  });
});

test("has another root token where one is given, and no other", async () => {
  const { as, root } = await start({ rootToken: "mine" });
  expect((await root.read("auth/token/lookup-self")).data.id).toBe("mine");
  expect(await refusal(as("root").read("auth/token/lookup-self"))).toBe(refused);
});

test("listens for this machine alone, unless it is told otherwise", async () => {
  await expect(startVaultTransit({ host: "0.0.0.0" })).rejects.toThrow(RangeError);
  const { endpoint } = await start();
  expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test("lists in what it differs", () => {
  expect(vaultTransitDifferences.length).toBeGreaterThan(5);
  for (const { kind, what } of vaultTransitDifferences) {
    expect(["differs", "unconfirmed"]).toContain(kind);
    expect(what).not.toMatch(/\.$/);
  }
});
