import {
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ListKeysCommand,
} from "@aws-sdk/client-kms";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { startAwsKms } from "../../src/index.ts";
import { expectFailure, failure, runningAwsKms } from "./support.ts";

const kms = runningAwsKms();
let client: KMSClient;
let KeyId: string;
let CiphertextBlob: Uint8Array | undefined;
const Plaintext = new Uint8Array(32).fill(7);

beforeAll(async () => {
  client = kms.client();
  KeyId = await kms.aws.admin.createKey();
  ({ CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext })));
});
beforeEach(() => {
  kms.aws.admin.clearFaults();
  kms.aws.admin.takeRequests();
});

const decrypt = (using = client) => using.send(new DecryptCommand({ KeyId, CiphertextBlob }));

test("throttled: the service's own error, so often and for this operation only", async () => {
  kms.aws.admin.fail({ operation: "decrypt", times: 2, as: "throttled" });
  await client.send(new EncryptCommand({ KeyId, Plaintext }));
  await expectFailure(decrypt(), "ThrottlingException", "Rate exceeded");
  await expectFailure(decrypt(), "ThrottlingException");
  await decrypt();
  expect(kms.aws.admin.takeRequests().map(({ fault }) => fault)).toEqual([undefined, "throttled", "throttled", undefined]);
});

test("throttled: the SDK tries again, and it works", async () => {
  kms.aws.admin.fail({ as: "throttled" });
  await decrypt(kms.client({ maxAttempts: 2 }));
  expect(kms.aws.admin.takeRequests()).toHaveLength(2);
});

test("unavailable: the service's own error", async () => {
  kms.aws.admin.fail({ as: "unavailable" });
  await expectFailure(decrypt(), "KMSInternalException", "UnknownError", 500);
});

test("reset: the connection breaks", async () => {
  kms.aws.admin.fail({ as: "reset" });
  expect(await failure(decrypt())).toMatchObject({ code: "ECONNRESET" });
  await decrypt();
});

test("timeout: no answer until the client gives up", async () => {
  kms.aws.admin.fail({ as: "timeout" });
  expect(await failure(client.send(new ListKeysCommand({}), { abortSignal: AbortSignal.timeout(50) }))).toMatchObject({
    name: "AbortError",
  });
});

test("garbage: an answer that is not of the protocol", async () => {
  kms.aws.admin.fail({ as: "garbage" });
  expect(await failure(decrypt())).toBeInstanceOf(SyntaxError);
});

test("wrong-key: the right answer under another name, which looks like a key of the service", async () => {
  kms.aws.admin.fail({ as: "wrong-key", times: 4 });
  const named = [
    (await decrypt()).KeyId,
    (await client.send(new EncryptCommand({ KeyId, Plaintext }))).KeyId,
    (await client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }))).KeyId,
    (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Arn,
  ];
  for (const name of named) {
    expect(name).not.toBe(KeyId);
    expect(name).toMatch(/^arn:aws:kms:us-east-1:111122223333:key\/[0-9a-f-]{36}$/);
  }
});

test("wrong-length: one byte less", async () => {
  kms.aws.admin.fail({ as: "wrong-length", times: 3 });
  expect((await decrypt()).Plaintext).toHaveLength(31);
  expect((await client.send(new EncryptCommand({ KeyId, Plaintext }))).CiphertextBlob).toHaveLength(183);
  expect((await client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }))).Plaintext).toHaveLength(31);
});

test("wrong-key, wrong-length: an error stays as it is", async () => {
  kms.aws.admin.fail({ as: "wrong-key" });
  await expectFailure(client.send(new DecryptCommand({ KeyId, CiphertextBlob: Plaintext })), "InvalidCiphertextException");
});

test("slow: the right answer, late", async () => {
  kms.aws.admin.fail({ as: "slow", afterMs: 60 });
  const started = performance.now();
  expect((await decrypt()).KeyId).toBe(KeyId);
  expect(performance.now() - started).toBeGreaterThanOrEqual(59);
});

test("close ends what hangs", async () => {
  const aws = await startAwsKms();
  aws.admin.fail({ as: "timeout" });
  const hanging = failure(kms.client({ endpoint: aws.endpoint }).send(new ListKeysCommand({})));
  await expect.poll(() => aws.admin.takeRequests().length).toBe(1);
  await aws.close();
  expect(await hanging).toMatchObject({ code: "ECONNRESET" });
});
