import { open, seal } from "@letterlock/core";
import { startVaultTransit } from "@letterlock/emulators";
import nodeVault from "node-vault";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type VaultClient, VaultError, vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, rejection } from "./support/call.ts";

const vault = await startVaultTransit();
const { admin, endpoint, rootToken } = vault;
afterAll(() => vault.close());
const root = nodeVault({ endpoint, token: rootToken });
const role = { role_id: "", secret_id: "" };

beforeAll(async () => {
  admin.createKey({ name: "app" });
  await root.write("sys/auth/approle", { type: "approle" });
  admin.putPolicy("app", 'path "transit/+/app" { capabilities = ["update"] }');
  await root.write("auth/approle/role/app", { token_policies: ["app"], token_ttl: "60s", token_max_ttl: "150s" });
  role.role_id = (await root.read("auth/approle/role/app/role-id")).data.role_id;
  role.secret_id = (await root.write("auth/approle/role/app/secret-id", {})).data.secret_id;
});

test("an AppRole token that its own client replaces when it expires opens on", async () => {
  const anonymous = vaultClient({ endpoint });
  let token = "";
  const logIn = async () => {
    const { auth } = (await anonymous.write("auth/approle/login", role)) as { auth: { client_token: string } };
    token = auth.client_token;
  };
  await logIn();
  await using client = vaultClient({ endpoint, token: () => token });
  const kek = vaultTransit({ client, keyName: "app" });
  const envelope = await seal(new Uint8Array(1), [kek]);
  admin.advanceMs(61_000);
  expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), callFor())))).toBe("access-denied");
  await logIn();
  expect(await open(envelope, [kek])).toEqual(new Uint8Array(1));
  await anonymous.close();
});

test("an AppRole token that node-vault renews opens until its longest time is over", async () => {
  const client = nodeVault({ endpoint });
  client.token = (await client.write("auth/approle/login", role)).auth.client_token;
  const kek = vaultTransit({ client, keyName: "app" });
  const envelope = await seal(new Uint8Array(1), [kek]);
  for (let renewals = 0; renewals < 2; renewals += 1) {
    admin.advanceMs(50_000);
    await client.write("auth/token/renew-self", {});
    expect(await open(envelope, [kek])).toEqual(new Uint8Array(1));
  }
  admin.advanceMs(51_000);
  expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), callFor())))).toBe("access-denied");
});

test("a login that fails is access-denied, also as the cause of a request that could not be made", async () => {
  await using anonymous = vaultClient({ endpoint });
  const logIn = async () => {
    const { auth } = (await anonymous.write("auth/approle/login", { ...role, secret_id: "wrong" })) as { auth: { client_token: string } };
    return auth.client_token;
  };
  await using client = vaultClient({ endpoint, token: logIn });
  const kek = vaultTransit({ client, keyName: "app" });
  const error = await rejection(kek.wrap(newDataKey(), callFor()));
  expect(error).toBeInstanceOf(VaultError);
  expect(kek.errorCode(error)).toBe("access-denied");
});

test("the first token of node-vault sticks where it was given headers, and not otherwise, as the README says", async () => {
  const first = admin.createToken({ policies: ["app"] });
  const second = admin.createToken({ policies: ["app"] });
  const sticky = nodeVault({ endpoint, token: first, requestOptions: { headers: { "x-request-id": "1" } } });
  const plain = nodeVault({ endpoint, token: first, requestOptions: { timeout: 1000 } });
  for (const client of [sticky, plain]) {
    const kek = vaultTransit({ client, keyName: "app" });
    await kek.wrap(newDataKey(), callFor());
    admin.takeRequests();
    client.token = second;
    await kek.wrap(newDataKey(), callFor());
    expect(admin.takeRequests().map(({ credential }) => credential)).toEqual([client === sticky ? first : second]);
  }
});

test("a namespace of node-vault is the client's", async () => {
  admin.createKey({ name: "elsewhere", namespace: "team" });
  const client = nodeVault({ endpoint, token: rootToken, namespace: "team" });
  const kek = vaultTransit({ client, keyName: "elsewhere", cluster: "team" });
  expect(await open(await seal(new Uint8Array(2), [kek]), [kek])).toEqual(new Uint8Array(2));
});

test("the type of node-vault fits", () => {
  const client: VaultClient = nodeVault({ endpoint, token: rootToken });
  expect(vaultTransit({ client: nodeVault({ endpoint, token: rootToken }), keyName: "app" }).keyRef).toBe("transit/app");
  expect(typeof client.write).toBe("function");
});
