import { request } from "node:https";
import { ClientSecretCredential, EnvironmentCredential } from "@azure/identity";
import { KeyClient } from "@azure/keyvault-keys";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "../../src/index.ts";
import { keyClient } from "./key-client.ts";

let vault: AzureKeyVaultEmulator;
let keyRef: string;

beforeAll(async () => {
  vault = await startAzureKeyVault();
  keyRef = await vault.admin.createKey({ name: "orders" });
});
afterEach(() => {
  vault.admin.allowAll();
  vault.admin.takeRequests();
  vi.unstubAllEnvs();
});
afterAll(() => vault.close());

describe("a request without a token", () => {
  test("is challenged as the service does", async () => {
    const answer = await get("/keys/orders?api-version=2025-07-01");
    expect(answer.status).toBe(401);
    expect(answer.challenge).toBe(`Bearer authorization="${vault.endpoint}/${vault.tenantId}", resource="https://vault.azure.net"`);
    expect(answer.body).toEqual({ error: { code: "Unauthorized", message: "AKV10000: Request is missing a Bearer or PoP token." } });
    expect(vault.admin.takeRequests()).toEqual([{ operation: "challenge", key: keyRef, credential: undefined, fault: undefined }]);
  });

  test("is challenged for a Managed HSM as one", async () => {
    const hsm = await startAzureKeyVault({ managedHsm: true });
    const { challenge } = await get("/keys/x", hsm);
    expect(challenge).toContain(`resource="https://managedhsm.azure.net"`);
    await hsm.close();
  });

  test("is what the SDK sends first, and once for each client", async () => {
    const client = keyClient(vault);
    await client.getKey("orders");
    await client.getKey("orders");
    expect(vault.admin.takeRequests().map(({ operation, credential }) => [operation, credential])).toEqual([
      ["challenge", undefined],
      ["get", "anybody"],
      ["get", "anybody"],
    ]);
  });
});

describe("a denial", () => {
  const forbidden = { statusCode: 403, code: "Forbidden", details: { error: { innerError: { code: "AccessDenied" } } } };

  test("is for one credential", async () => {
    vault.admin.deny({ credential: "stranger" });
    await expect(keyClient(vault, "stranger").getKey("orders")).rejects.toMatchObject(forbidden);
    await keyClient(vault).getKey("orders");
  });

  test("is for one operation", async () => {
    vault.admin.deny({ operation: "rotate" });
    await expect(keyClient(vault).rotateKey("orders")).rejects.toMatchObject(forbidden);
    await keyClient(vault).getKey("orders");
  });

  test("is for one key", async () => {
    const other = await vault.admin.createKey({ name: "other" });
    vault.admin.deny({ key: other });
    await expect(keyClient(vault).getKey("other")).rejects.toMatchObject(forbidden);
    await keyClient(vault).getKey("orders");
    vault.admin.allowAll();
    await keyClient(vault).getKey("other");
  });
});

test("an expired token is 401, and the SDK goes on sending it", async () => {
  const client = keyClient(vault);
  await client.getKey("orders");
  vault.admin.expire("anybody");
  for (let times = 0; times < 2; times += 1)
    await expect(client.getKey("orders")).rejects.toMatchObject({ statusCode: 401, code: "Unauthorized" });
  await keyClient(vault, "another").getKey("orders");
});

describe("the token endpoint", () => {
  const clientId = "11111111-1111-4111-8111-111111111111";
  const options = () => ({
    authorityHost: vault.endpoint,
    disableInstanceDiscovery: true,
    tlsOptions: { ca: vault.certificate },
    retryOptions: { maxRetries: 0 },
  });
  const withSecret = (secret = "secret") => new ClientSecretCredential(vault.tenantId, clientId, secret, options());
  const clientOf = (credential: ConstructorParameters<typeof KeyClient>[1]) =>
    new KeyClient(vault.endpoint, credential, {
      disableChallengeResourceVerification: true,
      tlsOptions: { ca: vault.certificate },
      retryOptions: { maxRetries: 0 },
    });

  test("gives ClientSecretCredential a token, which speaks for the client id", async () => {
    await clientOf(withSecret()).getKey("orders");
    expect(vault.admin.takeRequests().map(({ operation, credential }) => [operation, credential])).toEqual([
      ["challenge", undefined],
      ["openIdConfiguration", undefined],
      ["token", undefined],
      ["get", clientId],
    ]);
    vault.admin.deny({ credential: clientId });
    await expect(clientOf(withSecret()).getKey("orders")).rejects.toMatchObject({ statusCode: 403 });
  });

  test("gives EnvironmentCredential a token", async () => {
    vi.stubEnv("AZURE_AUTHORITY_HOST", vault.endpoint);
    vi.stubEnv("AZURE_TENANT_ID", vault.tenantId);
    vi.stubEnv("AZURE_CLIENT_ID", clientId);
    vi.stubEnv("AZURE_CLIENT_SECRET", "secret");
    const { authorityHost: _, ...rest } = options();
    await clientOf(new EnvironmentCredential(rest)).getKey("orders");
    expect(vault.admin.takeRequests().at(-1)).toMatchObject({ operation: "get", credential: clientId });
  });

  test("refuses a denied client id", async () => {
    vault.admin.deny({ credential: clientId, operation: "token" });
    await expect(clientOf(withSecret("denied")).getKey("orders")).rejects.toMatchObject({ name: "AuthenticationRequiredError" });
  });
});

async function get(
  path: string,
  from: AzureKeyVaultEmulator = vault,
): Promise<{ status: number | undefined; challenge: string | undefined; body: unknown }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined;
    challenge: string | undefined;
    body: unknown;
  }>();
  request(from.endpoint + path, { ca: from.certificate }, (answer) => {
    let text = "";
    answer.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
    });
    answer.on("end", () => resolve({ status: answer.statusCode, challenge: answer.headers["www-authenticate"], body: JSON.parse(text) }));
  })
    .on("error", reject)
    .end();
  return promise;
}
