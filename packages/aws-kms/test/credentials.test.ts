import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { KMSClient } from "@aws-sdk/client-kms";
import { type KekErrorCode, kekErrorCode } from "@letterlock/core";
import { expect, test } from "vitest";
import { awsKms } from "../src/index.ts";
import { kekCall } from "./support/kek-call.ts";
import { reachable } from "./support/reachable.ts";
import { rejectionOf } from "./support/rejection.ts";

const keyArn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const named = (name: string, message: string, more: object = {}): Error => Object.assign(new Error(message), { name, ...more });
const refused = Object.assign(new Error("connect ECONNREFUSED 169.254.170.2:80"), { code: "ECONNREFUSED" });

// As the providers of the SDK throw them, which keep some of what they met in the text and some in fields.
test.each<[string, unknown, KekErrorCode]>([
  ["none at all", named("CredentialsProviderError", "Could not load credentials from any providers"), "access-denied"],
  ["a profile that is not there", named("CredentialsProviderError", "Could not resolve credentials using profile: [x]"), "access-denied"],
  ["a container's source that refuses", named("CredentialsProviderError", "Server responded with status: 403"), "access-denied"],
  ["a container's source that fails", named("CredentialsProviderError", "Server responded with status: 503"), "unavailable"],
  ["the same, quoted", named("CredentialsProviderError", "CredentialsProviderError: Server responded with status: 500"), "unavailable"],
  ["a container's source that throttles", named("CredentialsProviderError", "Server responded with status: 429"), "throttled"],
  ["a container's source that is not reached", named("CredentialsProviderError", "Error: connect ECONNREFUSED 127.0.0.1:1"), "unavailable"],
  ["a container's source that is slow", named("CredentialsProviderError", "TimeoutError: socket hang up"), "unavailable"],
  [
    "a network error in fields",
    named("ProviderError", "Unable to connect to instance metadata service", { code: "EHOSTUNREACH" }),
    "unavailable",
  ],
  [
    "an instance's source that fails",
    named("ProviderError", "Error response received from instance metadata service", { statusCode: 503 }),
    "unavailable",
  ],
  [
    "an instance's source without a role",
    named("ProviderError", "Error response received from instance metadata service", { statusCode: 404 }),
    "access-denied",
  ],
  ["an instance's source that is slow", named("ProviderError", "TimeoutError from instance metadata service"), "unavailable"],
  ["a network error behind it", named("TokenProviderError", "Failed to refresh token", { cause: refused }), "unavailable"],
  [
    "an answer of 500 behind it",
    named("TokenProviderError", "no", { cause: named("X", "no", { $metadata: { httpStatusCode: 500 } }) }),
    "unavailable",
  ],
  ["a network error behind an error of no name", new Error("no", { cause: refused }), "unavailable"],
  ["several network errors", named("CredentialsProviderError", "no", { cause: new AggregateError([refused, refused]) }), "unavailable"],
  [
    "STS that did not reach the identity provider",
    named("IDPCommunicationErrorException", "no", { $metadata: { httpStatusCode: 400 } }),
    "unavailable",
  ],
  ["the same, as the wire spells it", named("IDPCommunicationError", "no", { $metadata: { httpStatusCode: 400 } }), "unavailable"],
  ["STS that fails", named("InternalFailure", "no", { $metadata: { httpStatusCode: 500 } }), "unavailable"],
  ["STS that refuses", named("AccessDenied", "no", { $metadata: { httpStatusCode: 403 } }), "access-denied"],
  ["a token that has expired", named("ExpiredTokenException", "no", { $metadata: { httpStatusCode: 400 } }), "access-denied"],
])("of a source of credentials: %s", async (_, thrown, code) => {
  const credentials = async (): Promise<never> => {
    throw thrown;
  };
  const client = new KMSClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1", credentials, maxAttempts: 1 });
  const kek = awsKms({ client, keyArn });
  const error = await rejectionOf(kek.unwrap({ provider: "aws-kms", keyRef: keyArn, wrapped: new Uint8Array(184) }, kekCall()));
  expect([kekErrorCode(kek, error), kek.errorCode(error), kek.errorCode(thrown)]).toEqual([code, code, code]);
  expect(error).not.toBe(thrown);
  client.destroy();
});

test("holds nothing that a source of credentials answered", async () => {
  const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
  await using source = createServer((_, response) => response.end(secret));
  await new Promise<void>((listening) => source.listen(0, "127.0.0.1", listening));
  const credentials = async (): Promise<never> => {
    const response = await fetch(`http://127.0.0.1:${(source.address() as AddressInfo).port}`);
    throw named("CredentialsProviderError", `could not read ${await response.text()}`);
  };
  const client = new KMSClient({ region: "us-east-1", endpoint: "http://127.0.0.1:1", credentials, maxAttempts: 1 });
  const error = await rejectionOf(awsKms({ client, keyArn }).currentVersion(kekCall()));
  expect(error).toMatchObject({ name: "CredentialsProviderError", message: "could not read ..." });
  expect(reachable(error)).not.toContain(secret.slice(0, 20));
  client.destroy();
  source.closeAllConnections();
});
