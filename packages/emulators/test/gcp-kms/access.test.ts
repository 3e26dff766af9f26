import { KeyManagementServiceClient } from "@google-cloud/kms";
import { OAuth2Client } from "google-auth-library";
import { describe, expect, test } from "vitest";
import { failureOf, once, runningGcpKms, textOf, transports } from "./running-gcp-kms.ts";

const kms = runningGcpKms();

describe.each(transports)("over %s", (transport) => {
  /** Over gRPC without TLS the SDK takes no credentials: the token is a header of the call. */
  const as = (token: string) => ({ ...once(), otherArgs: { headers: { authorization: `Bearer ${token}` } } });

  test("a denial is for the credential, the operation and the key that it names", async () => {
    const [name, other] = [kms.service.admin.createKey(), kms.service.admin.createKey()];
    const client = kms.client(transport);
    kms.service.admin.deny({ credential: "mallory", operation: "Encrypt", key: name });
    const encrypt = (key: string, token: string) => client.encrypt({ name: key, plaintext: Buffer.from("x") }, as(token));
    await encrypt(name, "alice");
    await encrypt(other, "mallory");
    await client.getCryptoKey({ name }, as("mallory"));
    const failure = await failureOf(encrypt(name, "mallory"));
    expect(failure).toMatchObject({ code: 7, reason: "IAM_PERMISSION_DENIED", domain: "cloudkms.googleapis.com" });
    expect(textOf(failure)).toBe(
      `Permission 'cloudkms.cryptoKeyVersions.useToEncrypt' denied on resource '${name}' (or it may not exist).`,
    );
    kms.service.admin.allowAll();
    await encrypt(name, "mallory");
    expect(kms.service.admin.takeRequests().map(({ credential }) => credential)).toEqual([
      "alice",
      "mallory",
      "mallory",
      "mallory",
      "mallory",
    ]);
  });

  test("names the permission that is missing", async () => {
    const name = kms.service.admin.createKey();
    const client = kms.client(transport);
    kms.service.admin.deny({});
    expect(textOf(await failureOf(client.getCryptoKey({ name }, once())))).toContain("cloudkms.cryptoKeys.get");
    expect(textOf(await failureOf(client.decrypt({ name, ciphertext: Buffer.from("x") }, once())))).toContain("useToDecrypt");
    expect(textOf(await failureOf(client.createCryptoKeyVersion({ parent: name }, once())))).toContain("cloudkms.cryptoKeyVersions.create");
  });
});

test("a denial is checked before the key is looked for", async () => {
  const name = `${kms.service.admin.createKey()}-missing`;
  kms.service.admin.deny({ key: name });
  expect((await failureOf(kms.client("gRPC").getCryptoKey({ name }, once()))).code).toBe(7);
});

test("over REST the token is that of the client's credentials", async () => {
  const name = kms.service.admin.createKey();
  const authClient = new OAuth2Client();
  authClient.setCredentials({ access_token: "of-the-client" });
  const { hostname, port } = new URL(kms.service.restEndpoint);
  const client = new KeyManagementServiceClient({
    fallback: true,
    protocol: "http",
    apiEndpoint: hostname,
    port: Number(port),
    authClient,
  });
  await client.getCryptoKey({ name }, once());
  expect(kms.service.admin.takeRequests()).toMatchObject([{ credential: "of-the-client" }]);
  await client.close();
});

test("an operation that does not exist cannot be denied", () => {
  expect(() => kms.service.admin.deny({ operation: "GenerateDataKey" })).toThrow(RangeError);
});
