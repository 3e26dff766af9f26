import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { KeyManagementServiceClient } from "@google-cloud/kms";
import { KeyManagementServiceClient as KeyManagementServiceClient5 } from "@google-cloud/kms-v5";
import { kekErrorCode } from "@letterlock/core";
import { OAuth2Client, UserRefreshClient } from "google-auth-library";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { gcpKms } from "../src/index.ts";
import { overRest, withToken } from "./support/gcp-clients.ts";
import { kekCall, rejectionOf } from "./support/kek-call.ts";
import { runningGcpKms } from "./support/running-gcp-kms.ts";

const kms = runningGcpKms();
const versions = [
  ["version 6", KeyManagementServiceClient],
  ["version 5", KeyManagementServiceClient5],
] as const;

let tokenServer: Server;
let tokenUrl: string;
let tokenAnswer: { readonly status: number; readonly body: string };

beforeAll(async () => {
  tokenServer = createServer((_, response) => response.writeHead(tokenAnswer.status).end(tokenAnswer.body));
  await new Promise<void>((resolve) => tokenServer.listen(0, "127.0.0.1", resolve));
  const address = tokenServer.address();
  tokenUrl = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/token`;
});
afterAll(() => tokenServer.close());

describe.each(versions)("with a client of %s", (_, Client) => {
  // The SDK alone would leave the failure to nobody, and vitest fails a run with an unhandled rejection.
  test.each([false, true])("a client without credentials is an error of the call, and of nothing else (REST: %s)", async (fallback) => {
    const missing = { keyFilename: "missing-credentials.json", apiEndpoint: "127.0.0.1", port: 1 };
    const client = new Client(fallback ? { ...missing, fallback, protocol: "http" } : missing);
    const kek = gcpKms({ client, keyName: kms.service.admin.createKey() });
    for (const call of [() => kek.wrap(randomBytes(32), kekCall()), () => kek.currentVersion(kekCall())]) {
      expect(kekErrorCode(kek, await rejectionOf(call()))).toBe("access-denied");
    }
    await new Promise(setImmediate);
  });

  test.each([
    [400, '{"error":"invalid_grant","error_description":"Token has been expired or revoked."}', "access-denied"],
    [401, '{"error":"invalid_client"}', "access-denied"],
    [403, '{"error":{"code":403,"message":"denied","status":"PERMISSION_DENIED"}}', "access-denied"],
    [503, "<html>down</html>", "unavailable"],
  ])("a token that is refused with %d %s is %s", async (status, body, code) => {
    tokenAnswer = { status, body };
    const endpoints = { oauth2TokenUrl: tokenUrl } as never;
    const authClient = new UserRefreshClient({ clientId: "id", clientSecret: "secret", refreshToken: "refresh", endpoints });
    const client = new Client({ ...overRest(kms.service), authClient: authClient as never });
    const kek = gcpKms({ client, keyName: kms.service.admin.createKey() });
    const recipient = { provider: kek.provider, keyRef: kek.keyRef, wrapped: randomBytes(100) };
    for (const call of [kek.wrap(randomBytes(32), kekCall()), kek.unwrap(recipient, kekCall())]) {
      expect(kekErrorCode(kek, await rejectionOf(call))).toBe(code);
    }
    expect(kms.service.admin.takeRequests()).toEqual([]);
    await client.close();
  });

  test("the service sees the token of the client, over REST as its credentials and over gRPC as a header", async () => {
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: "token-of-rest" });
    const rest = new Client({ ...overRest(kms.service), authClient: authClient as never });
    const grpc = new Client(kms.service.clientOptions);
    const keyName = kms.service.admin.createKey();
    await gcpKms({ client: rest, keyName }).currentVersion(kekCall());
    await gcpKms({ client: withToken(grpc, "token-of-grpc"), keyName }).currentVersion(kekCall());
    expect(kms.service.admin.takeRequests().map(({ credential }) => credential)).toEqual(["token-of-rest", "token-of-grpc"]);
    await Promise.all([rest.close(), grpc.close()]);
  });
});
