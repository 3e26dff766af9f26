import { randomBytes } from "node:crypto";
import { DecryptCommand, EncryptCommand, type KMSClient } from "@aws-sdk/client-kms";
import { kekErrorCode, LetterlockError, open, seal } from "@letterlock/core";
import { beforeEach, describe, expect, test } from "vitest";
import { awsKms, awsKmsRsa, findAwsKmsKeys } from "../src/index.ts";
import { gatewayAnswering } from "./support/gateway.ts";
import { kekCall } from "./support/kek-call.ts";
import { reachable } from "./support/reachable.ts";
import { rejectionOf } from "./support/rejection.ts";
import { runningAwsKms } from "./support/running-aws-kms.ts";

const kms = runningAwsKms();
const keyArn = "arn:aws:kms:us-east-1:111122223333:key/mrk-1234abcd12ab34cd56ef1234567890ab";
const sessionToken = randomBytes(60).toString("base64");
const secretAccessKey = randomBytes(30).toString("base64");
const credentials = { accessKeyId: "alice", secretAccessKey, sessionToken };
const json = { "content-type": "application/x-amz-json-1.1" };
const jsonError = (message: string): string => JSON.stringify({ __type: "ValidationException", message });

beforeEach(() => {
  kms.admin.clearFaults();
  kms.admin.allowAll();
});

/** The secrets that can be reached from an error. */
function secretsIn(error: unknown, dataKey?: Uint8Array): string[] {
  const text = reachable(error);
  const key = Buffer.from(dataKey ?? randomBytes(32));
  const spellings = {
    sessionToken,
    secretAccessKey,
    signature: "AWS4-HMAC-SHA256",
    base64: key.toString("base64").slice(0, 16),
    hex: key.toString("hex").slice(0, 20),
    list: key.subarray(0, 6).join(", "),
  };
  return Object.entries(spellings)
    .filter(([, spelling]) => text.includes(spelling))
    .map(([name]) => name);
}

describe("an error of the SDK", () => {
  test("holds the session token and the signature, which is why none leaves the adapter", async () => {
    kms.admin.fail({ as: "throttled" });
    const command = new EncryptCommand({ KeyId: await kms.admin.createKey(), Plaintext: randomBytes(32) });
    expect(secretsIn(await rejectionOf(kms.client({ credentials }).send(command)))).toEqual(["sessionToken", "signature"]);
  });

  test("holds the data key where a gateway quotes the request", async () => {
    await using gateway = await gatewayAnswering((response, request) => response.writeHead(400, json).end(jsonError(request)));
    const dataKey = randomBytes(32);
    const error = await rejectionOf(gateway.client.send(new EncryptCommand({ KeyId: keyArn, Plaintext: dataKey })));
    expect(secretsIn(error, dataKey)).toContain("base64");
  });

  test("quotes the beginning of an answer that is no JSON", async () => {
    const dataKey = randomBytes(32);
    await using gateway = await gatewayAnswering((response) => response.writeHead(200, json).end(`x${dataKey.toString("base64")}`));
    const error = await rejectionOf(gateway.client.send(new DecryptCommand({ KeyId: keyArn, CiphertextBlob: randomBytes(100) })));
    expect(String(error)).toContain(dataKey.toString("base64").slice(0, 8));
  });
});

describe("an error of the adapter", () => {
  const kinds = [
    ["awsKms", () => kms.admin.createKey(), awsKms, 184],
    ["awsKmsRsa", () => kms.admin.createKey({ spec: "RSA_2048" }), awsKmsRsa, 256],
  ] as const;
  const failures: readonly (readonly [string, () => void])[] = [
    ...(["throttled", "unavailable", "reset", "garbage"] as const).map((as) => [as, () => void kms.admin.fail({ as })] as const),
    ["denied", () => kms.admin.deny({})],
  ];

  describe.each(kinds)("%s", (_kind, createKey, create, wrappedBytes) => {
    test.each(failures)("holds no secret, and no error of the SDK: %s", async (_, fail) => {
      const kek = create({ client: kms.client({ credentials }), keyArn: await createKey() });
      const dataKey = randomBytes(32);
      const recipient = { provider: "aws-kms", keyRef: kek.keyRef, wrapped: randomBytes(wrappedBytes) };
      const calls = [
        () => kek.wrap(dataKey, kekCall()),
        () => kek.unwrap(recipient, kekCall()),
        async () => kek.generate?.(kekCall()),
        async () => kek.rewrap?.(recipient, kekCall()),
        async () => kek.currentVersion?.(kekCall()),
      ].slice(0, create === awsKms ? 5 : 2);
      for (const call of calls) {
        fail();
        const error = await rejectionOf(call());
        expect(secretsIn(error, dataKey)).toEqual([]);
        expect(Object.getOwnPropertyNames(error).sort()).toEqual(
          ["code", "meaning", "message", "name", "requestId", "retryable", "stack", "statusCode"].sort(),
        );
        kms.admin.clearFaults();
      }
    });
  });

  test("holds none in core either, and keeps the name that the service gave it, its status and its request id", async () => {
    const kek = awsKms({ client: kms.client({ credentials }), keyArn: await kms.admin.createKey() });
    const envelope = await seal(Buffer.from("x"), [kek]);
    for (const run of [() => open(envelope, [kek]), () => seal(Buffer.from("x"), [kek])]) {
      kms.admin.fail({ as: "throttled" });
      const error = await rejectionOf(run());
      expect(LetterlockError.is(error) && error.cause).toMatchObject({
        name: "ThrottlingException",
        message: "Rate exceeded",
        meaning: "throttled",
        statusCode: 400,
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        retryable: true,
      });
      expect(secretsIn(error)).toEqual([]);
    }
  });

  test("of a search for keys holds none", async () => {
    const search = { client: kms.client({ credentials }), filter: { alias: "alias/orders" } };
    kms.admin.fail({ as: "throttled" });
    const error = await rejectionOf(findAwsKmsKeys(search));
    expect(error).toMatchObject({ name: "ThrottlingException", meaning: "throttled" });
    expect(secretsIn(error)).toEqual([]);
  });
});

describe("where a gateway answers in the place of the service, an error of the adapter", () => {
  /** How somebody quotes what was sent. */
  const spellings: readonly (readonly [string, (text: string) => string])[] = [
    ["as it was", (text) => text],
    ["with escaped slashes", (text) => text.replaceAll("/", "\\/")],
    ["with escapes of JSON", (text) => text.replaceAll("+", "\\u002b").replaceAll("/", "\\u002f")],
    ["as a part of a URL", encodeURIComponent],
    ["as HTML", (text) => text.replaceAll("+", "&#43;").replaceAll("/", "&#x2F;").replaceAll("=", "&equals;")],
    ["as hex", (text) => Buffer.from(text, "base64").toString("hex")],
    ["as numbers", (text) => Buffer.from(text, "base64").join(", ")],
  ];
  const recipient = { provider: "aws-kms", keyRef: keyArn, wrapped: randomBytes(184) };

  test.each(spellings)("holds no data key that is quoted %s", async (_, spell) => {
    // Of many slashes and pluses, as some keys are.
    const dataKey = Buffer.from(`${"+/a/".repeat(10)}+/8=`, "base64");
    const secret = spell(dataKey.toString("base64"));
    await using gateway = await gatewayAnswering((response, request) => {
      const { Plaintext, KeyId } = JSON.parse(request) as { Plaintext: string; KeyId: string };
      response.writeHead(400, json).end(jsonError(`bad request {"KeyId":"${KeyId}","Plaintext":"${spell(Plaintext)}"}`));
    });
    const error = await rejectionOf(awsKms({ client: gateway.client, keyArn }).wrap(dataKey, kekCall()));
    expect(error).toMatchObject({
      name: "ValidationException",
      message: `bad request {"KeyId":"${keyArn}","Plaintext":"..."}`,
      meaning: "provider-error",
    });
    for (let at = 0; at + 20 <= secret.length; at += 1) expect(reachable(error)).not.toContain(secret.slice(at, at + 20));
  });

  test("holds nothing of an answer that could not be read", async () => {
    const dataKey = randomBytes(32);
    const key = dataKey.toString("base64");
    const answers: readonly (readonly [number, string, string])[] = [
      [200, `x${key}`, "provider-error"],
      [200, `{"Plaintext":"${key}","KeyId":"${keyArn}"`, "provider-error"],
      [502, `<html>${key}</html>`, "unavailable"],
      [403, key, "access-denied"],
      [429, key, "throttled"],
    ];
    for (const [status, body, code] of answers) {
      await using gateway = await gatewayAnswering((response) => response.writeHead(status, json).end(body));
      const kek = awsKms({ client: gateway.client, keyArn });
      const error = await rejectionOf(kek.unwrap(recipient, kekCall()));
      expect([status, kekErrorCode(kek, error)]).toEqual([status, code]);
      expect(error).toMatchObject({ name: "SyntaxError", message: `the answer of status ${status} could not be read`, statusCode: status });
      for (let at = 0; at + 8 <= key.length; at += 1) expect(reachable(error)).not.toContain(key.slice(at, at + 8));
    }
  });

  test("keeps the words and names of the service", async () => {
    const said =
      "User: arn:aws:sts::111122223333:assumed-role/orders-service-production/i-0123456789abcdef0 is not authorized to perform: kms:Decrypt on resource: " +
      `${keyArn} because no identity-based policy allows the kms:Decrypt action (request 12345678-90ab-cdef-1234-567890abcdef)`;
    await using gateway = await gatewayAnswering((response) => response.writeHead(400, json).end(jsonError(said)));
    expect(await rejectionOf(awsKms({ client: gateway.client, keyArn }).unwrap(recipient, kekCall()))).toMatchObject({ message: said });
  });

  test("holds no signature that the service quotes", async () => {
    const command = (client: KMSClient) => awsKms({ client, keyArn }).unwrap(recipient, kekCall());
    const quoted = `The Canonical String for this request should have been 'POST\n/\n\nx-amz-security-token:${sessionToken}\n\n${randomBytes(32).toString("hex")}'`;
    await using gateway = await gatewayAnswering((response) => response.writeHead(400, json).end(jsonError(quoted)), { credentials });
    const error = await rejectionOf(command(gateway.client));
    expect(secretsIn(error)).toEqual([]);
    expect(String(error)).toContain("x-amz-security-token:...");
  });
});
