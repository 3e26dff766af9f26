import { GenerateDataKeyCommand, ListKeysCommand } from "@aws-sdk/client-kms";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { awsKmsDifferences, startAwsKms } from "../../src/index.ts";
import { runningAwsKms } from "./support.ts";

// The bytes themselves, as clients without a model of the service see them.

const kms = runningAwsKms();
let KeyId: string;

beforeAll(async () => {
  KeyId = await kms.aws.admin.createKey({ alias: "alias/orders" });
});
beforeEach(() => {
  kms.aws.admin.takeRequests();
});

const signed = "AWS4-HMAC-SHA256 Credential=alice/20261121/us-east-1/kms/aws4_request, SignedHeaders=host, Signature=00";

async function post(
  target: string,
  body: unknown,
  authorization: string | undefined = signed,
): Promise<{ status: number; text: string; type: string | null }> {
  const response = await fetch(kms.aws.endpoint, {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": target, ...(authorization && { authorization }) },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  expect(response.headers.get("x-amzn-requestid")).toMatch(/^[0-9a-f-]{36}$/);
  return { status: response.status, text: await response.text(), type: response.headers.get("content-type") };
}

describe("an error", () => {
  const type = "application/x-amz-json-1.1";

  test("of a ciphertext is recorded: a type and no text", async () => {
    const answer = await post("TrentService.Decrypt", { CiphertextBlob: "AAAA" });
    expect(answer).toEqual({ status: 400, text: '{"__type":"InvalidCiphertextException"}', type });
  });

  test("with a text is recorded", async () => {
    kms.aws.admin.disableKey(KeyId);
    const answer = await post("TrentService.Encrypt", { KeyId, Plaintext: "AAAA" });
    expect(answer).toEqual({ status: 400, text: `{"__type":"DisabledException","message":"${KeyId} is disabled."}`, type });
    kms.aws.admin.enableKey(KeyId);
  });

  test("of permission has its text in a capital Message", async () => {
    kms.aws.admin.deny({ operation: "Encrypt" });
    const { text } = await post("TrentService.Encrypt", { KeyId, Plaintext: "AAAA" });
    expect(Object.keys(JSON.parse(text))).toEqual(["__type", "Message"]);
    kms.aws.admin.allowAll();
  });

  test.each([
    ["throttled", 400, '{"__type":"ThrottlingException","message":"Rate exceeded"}'],
    ["unavailable", 500, '{"__type":"KMSInternalException"}'],
  ] as const)("that is asked for, %s", async (as, status, text) => {
    kms.aws.admin.fail({ as });
    expect(await post("TrentService.ListKeys", {})).toEqual({ status, text, type });
  });

  test.each([
    ["an unknown operation", "TrentService.Encript", {}, signed, "UnknownOperationException"],
    ["another service", "DynamoDB_20120810.GetItem", {}, signed, "UnknownOperationException"],
    ["a name of every object", "TrentService.constructor", {}, signed, "UnknownOperationException"],
    ["no signature", "TrentService.ListKeys", {}, "", "MissingAuthenticationTokenException"],
    ["no JSON", "TrentService.ListKeys", "{", signed, "SerializationException"],
    ["a list", "TrentService.ListKeys", [], signed, "SerializationException"],
    ["a number for a text", "TrentService.DescribeKey", { KeyId: 7 }, signed, "SerializationException"],
    ["a text for a number", "TrentService.ListKeys", { Limit: "7" }, signed, "SerializationException"],
    ["a text for a flag", "TrentService.CreateKey", { MultiRegion: "yes" }, signed, "SerializationException"],
    [
      "a text for a map",
      "TrentService.Encrypt",
      { KeyId: "x", Plaintext: "AAAA", EncryptionContext: "x" },
      signed,
      "SerializationException",
    ],
    [
      "a number in a map",
      "TrentService.Encrypt",
      { KeyId: "x", Plaintext: "AAAA", EncryptionContext: { a: 1 } },
      signed,
      "SerializationException",
    ],
    ["bad base64", "TrentService.Encrypt", { KeyId: "x", Plaintext: "A===" }, signed, "SerializationException"],
    ["nothing", "TrentService.Encrypt", {}, signed, "ValidationException"],
  ])("for %s", async (_what, target, body, authorization, name) => {
    const { status, text } = await post(target, body, authorization);
    expect([status, (JSON.parse(text) as { __type: string }).__type]).toEqual([400, name]);
  });
});

test("an empty answer has no body", async () => {
  expect(await post("TrentService.EnableKey", { KeyId })).toMatchObject({ status: 200, text: "" });
});

test("times are seconds since the epoch", async () => {
  const { text } = await post("TrentService.DescribeKey", { KeyId });
  const { CreationDate } = (JSON.parse(text) as { KeyMetadata: { CreationDate: number } }).KeyMetadata;
  expect(Math.abs(CreationDate - Date.now() / 1000)).toBeLessThan(60);
});

test("the log names who asked for what with which key, by its ARN", async () => {
  const client = kms.client({ accessKeyId: "bob" });
  await client.send(new GenerateDataKeyCommand({ KeyId: "alias/orders", KeySpec: "AES_256" }));
  await client.send(new ListKeysCommand({}));
  await post("TrentService.DescribeKey", { KeyId: "alias/none" }, "");
  expect(kms.aws.admin.takeRequests()).toEqual([
    { operation: "GenerateDataKey", key: KeyId, credential: "bob", fault: undefined },
    { operation: "ListKeys", key: undefined, credential: "bob", fault: undefined },
    { operation: "DescribeKey", key: "alias/none", credential: undefined, fault: undefined },
  ]);
  expect(kms.aws.admin.takeRequests()).toEqual([]);
});

test("refuses an account and a delay that are none", async () => {
  await expect(startAwsKms({ account: "1" })).rejects.toThrow(RangeError);
  await expect(startAwsKms({ grantDelayMs: -1 })).rejects.toThrow(RangeError);
  await expect(startAwsKms({ host: "0.0.0.0" })).rejects.toThrow(RangeError);
});

test("two of them share nothing", async () => {
  await using other = await startAwsKms();
  const client = kms.client({ endpoint: other.endpoint });
  expect((await client.send(new ListKeysCommand({}))).Keys).toEqual([]);
});

test("says where it differs, in words", () => {
  expect(awsKmsDifferences.length).toBeGreaterThan(10);
  for (const { kind, what } of awsKmsDifferences) {
    expect(["differs", "unconfirmed"]).toContain(kind);
    expect(what.length).toBeGreaterThan(20);
  }
});
