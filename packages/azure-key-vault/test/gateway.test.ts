import { KeyClient, type KeyClientOptions } from "@azure/keyvault-keys";
import { KeyClient as OldestKeyClient } from "@azure/keyvault-keys-v4-9";
import { type KekErrorCode, kekErrorCode } from "@letterlock/core";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "@letterlock/emulators";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type AzureKeyVaultOptions, azureKeyVault } from "../src/index.ts";
import { kekCall } from "./wrapped-call.ts";

let vault: AzureKeyVaultEmulator;
let answer: { readonly status: number; readonly body: string; readonly type: string | undefined } = {
  status: 503,
  body: "",
  type: undefined,
};
const requestId = "0123456789abcdef0123456789abcdef";

beforeAll(async () => {
  vault = await startAzureKeyVault();
  await vault.admin.createKey({ name: "orders" });
});
afterAll(() => vault.close());

/** What stands before the vault and answers in its place, once a request has its token. */
const gateway: KeyClientOptions = {
  additionalPolicies: [
    {
      position: "perRetry",
      policy: {
        name: "gateway",
        async sendRequest(request, next) {
          const response = await next(request);
          if (!request.headers.has("authorization")) return response;
          response.headers.delete("content-type");
          if (answer.type !== undefined) response.headers.set("content-type", answer.type);
          response.headers.set("retry-after", "3");
          response.headers.set("x-ms-request-id", requestId);
          return { ...response, status: answer.status, bodyAsText: answer.body };
        },
      },
    },
  ],
};

describe.each([
  ["newest", KeyClient],
  ["oldest", OldestKeyClient],
])("with the %s client", (_, Client) => {
  const kekOf = () => {
    const credential = { getToken: async () => ({ token: "anybody", expiresOnTimestamp: Date.now() + 3_600_000 }) };
    const client = new Client(vault.endpoint, credential, {
      disableChallengeResourceVerification: true,
      tlsOptions: { ca: vault.certificate },
      retryOptions: { maxRetries: 0 },
      ...gateway,
    });
    return azureKeyVault({ client: client as unknown as AzureKeyVaultOptions["client"], keyName: "orders" });
  };

  const bodies: readonly (readonly [string, string, string | undefined])[] = [
    ["nothing", "", undefined],
    ["nothing, as JSON", "", "application/json"],
    ["null", "null", "application/json"],
    ["an empty object", "{}", "application/json"],
    ["a list", "[]", "application/json"],
    ["a text", '"no"', "application/json"],
    ["the JSON of somebody else", '{"message":"no Route matched with those values"}', "application/json"],
    ["a page", "<html>no</html>", "text/html"],
  ];
  const codes: readonly (readonly [number, KekErrorCode])[] = [
    [400, "provider-error"],
    [401, "access-denied"],
    [403, "access-denied"],
    [404, "provider-error"],
    [408, "unavailable"],
    [409, "provider-error"],
    [429, "throttled"],
    [500, "unavailable"],
    [502, "unavailable"],
    [503, "unavailable"],
    [504, "unavailable"],
  ];

  test.each(bodies)("a failure with %s is known by its status, with the time to wait and the request id", async (_name, body, type) => {
    const kek = kekOf();
    const call = await kekCall();
    const recipient = { provider: kek.provider, keyRef: kek.keyRef, keyVersion: "a".repeat(32), wrapped: new Uint8Array(256) };
    for (const [status, code] of codes) {
      answer = { status, body, type };
      for (const run of [
        () => kek.wrap(new Uint8Array(32), call),
        () => kek.unwrap(recipient, call),
        async () => kek.currentVersion?.(call),
      ]) {
        const error = await run().catch((reason: unknown) => reason);
        expect([status, kekErrorCode(kek, error), kek.retryAfterMs?.(error)]).toEqual([status, code, 3000]);
        expect(error).toMatchObject({ name: "KeyVaultError", statusCode: status, requestId });
      }
    }
  });

  test("a success without a body is a provider-error", async () => {
    const kek = kekOf();
    for (const body of ["", "null"]) {
      answer = { status: 200, body, type: "application/json" };
      const error = await kek.wrap(new Uint8Array(32), await kekCall()).catch((reason: unknown) => reason);
      expect(kekErrorCode(kek, error)).toBe("provider-error");
    }
  });
});
