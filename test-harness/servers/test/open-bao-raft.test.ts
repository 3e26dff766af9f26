import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireServer } from "../src/available-servers.ts";
import { type OpenBaoRaft, startOpenBaoRaft } from "../src/open-bao-raft.ts";
import { expectToLeaveNothing } from "./stopped.ts";

const policy = ["encrypt", "decrypt"].map((verb) => `path "transit/${verb}/app" { capabilities = ["update"] }`).join("\n");
const plaintext = Buffer.from("a secret").toString("base64");

describe.skipIf(!requireServer("openbao"))("OpenBao on raft storage", { timeout: 60_000 }, () => {
  let bao: OpenBaoRaft;
  beforeAll(async () => {
    bao = await startOpenBaoRaft();
    await bao.request({ path: "transit/keys/app" });
  }, 120_000);
  afterAll(() => bao.close(), 60_000);

  const encrypt = (token: string) => bao.request({ path: "transit/encrypt/app", body: { plaintext }, token });

  test("lets a role log in and do what its policy allows", async () => {
    const role = await bao.createRole({ name: "app", policy, tokenTtlSeconds: 600 });
    const token = await role.login();
    const { status, body } = await encrypt(token);
    expect(status).toBe(200);
    const opened = await bao.request({ path: "transit/decrypt/app", body: { ciphertext: body.data?.ciphertext }, token });
    expect(opened.body.data?.plaintext).toBe(plaintext);
  });

  test("denies what the policy does not allow", async () => {
    const token = await (await bao.createRole({ name: "app", policy, tokenTtlSeconds: 600 })).login();
    const { status, body } = await bao.request({ path: "transit/keys/app/rotate", token });
    expect([status, body.errors]).toEqual([403, ["1 error occurred:\n\t* permission denied\n\n"]]);
  });

  test("takes a secret id once", async () => {
    const role = await bao.createRole({ name: "app", policy, tokenTtlSeconds: 600 });
    const login = { path: "auth/approle/login", body: { role_id: role.roleId, secret_id: await role.newSecretId() }, token: "" };
    expect([(await bao.request(login)).status, (await bao.request(login)).status]).toEqual([200, 400]);
  });

  test("lets a token expire", async () => {
    const token = await (await bao.createRole({ name: "brief", policy, tokenTtlSeconds: 1 })).login();
    const deadline = performance.now() + 20_000;
    let answer = await encrypt(token);
    while (answer.status === 200 && performance.now() < deadline) {
      await wait(50);
      answer = await encrypt(token);
    }
    expect([answer.status, answer.body.errors]).toEqual([403, ["permission denied"]]);
  });

  test("throttles, and says how long to wait", async () => {
    await bao.limitRate(1, 600);
    const answers = await Promise.all(Array.from({ length: 20 }, () => encrypt(bao.rootToken)));
    await bao.unlimitRate();
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused.every(({ headers }) => /^\d+$/.test(headers.get("retry-after") ?? ""))).toBe(true);
    expect((await encrypt(bao.rootToken)).status).toBe(200);
  });

  test("refuses everything while it is sealed, and forgets nothing", async () => {
    const { body } = await encrypt(bao.rootToken);
    await bao.seal();
    const sealed = await encrypt(bao.rootToken);
    expect([sealed.status, sealed.body.errors]).toEqual([503, ["Vault is sealed"]]);
    await bao.unseal();
    const opened = await bao.request({ path: "transit/decrypt/app", body: { ciphertext: body.data?.ciphertext } });
    expect(opened.body.data?.plaintext).toBe(plaintext);
  });

  test("leaves nothing behind", async () => {
    await expectToLeaveNothing(bao);
  });
});
