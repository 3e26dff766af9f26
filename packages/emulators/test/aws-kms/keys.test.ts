import {
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  type KMSClient,
  ListKeysCommand,
  PutKeyPolicyCommand,
  paginateListKeys,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
  TagResourceCommand,
  UpdateKeyDescriptionCommand,
} from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, test } from "vitest";
import { expectFailure, runningAwsKms } from "./support.ts";

const kms = runningAwsKms({ account: "123456789012" });
let client: KMSClient;
const Plaintext = new Uint8Array(32);
const unknown = "00000000-0000-0000-0000-000000000000";
const arnOf = (id: string, region = "us-east-1") => `arn:aws:kms:${region}:123456789012:key/${id}`;

beforeAll(() => {
  client = kms.client();
});

describe("a new key", () => {
  test("describes itself", async () => {
    const before = Date.now() - 1;
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Description: "for orders" }));
    const { KeyId = "", CreationDate } = KeyMetadata ?? {};
    expect(KeyId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect(KeyMetadata).toMatchObject({
      AWSAccountId: "123456789012",
      Arn: arnOf(KeyId),
      Description: "for orders",
      Enabled: true,
      KeyState: "Enabled",
      KeyUsage: "ENCRYPT_DECRYPT",
      KeySpec: "SYMMETRIC_DEFAULT",
      CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
      Origin: "AWS_KMS",
      KeyManager: "CUSTOMER",
      MultiRegion: false,
      EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
      CurrentKeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(CreationDate?.getTime()).toBeGreaterThanOrEqual(before);
    expect(CreationDate?.getTime()).toBeLessThanOrEqual(Date.now() + 1);
    expect((await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toEqual(KeyMetadata);
    await client.send(new UpdateKeyDescriptionCommand({ KeyId, Description: "for invoices" }));
    expect((await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.Description).toBe("for invoices");
  });

  test.each([
    [{ KeySpec: "RSA_2048" }, "You must specify a KeyUsage value"],
    [{ KeySpec: "ECC_NIST_P256", KeyUsage: "ENCRYPT_DECRYPT" }, "KeyUsage ENCRYPT_DECRYPT is not compatible with KeySpec ECC_NIST_P256"],
    [{ KeySpec: "AES_256" }, "Value 'AES_256' at 'keySpec' failed to satisfy constraint"],
  ])("is not made of %j", async (input, message) => {
    await expectFailure(client.send(new CreateKeyCommand(input as never)), "ValidationException", message);
  });

  test("that waits for its material encrypts nothing", async () => {
    const { KeyMetadata } = await client.send(new CreateKeyCommand({ Origin: "EXTERNAL" }));
    expect(KeyMetadata).toMatchObject({ KeyState: "PendingImport", Enabled: false, Origin: "EXTERNAL" });
    const call = client.send(new EncryptCommand({ KeyId: KeyMetadata?.Arn, Plaintext }));
    await expectFailure(call, "KMSInvalidStateException", `${KeyMetadata?.Arn} is pending import.`);
  });

  test("is of the region of the request", async () => {
    const { KeyMetadata } = await kms.client({ region: "eu-central-1" }).send(new CreateKeyCommand({}));
    const { Arn = "", KeyId = "" } = KeyMetadata ?? {};
    expect(Arn).toBe(arnOf(KeyId, "eu-central-1"));
    await expectFailure(client.send(new DescribeKeyCommand({ KeyId })), "NotFoundException", `Key '${arnOf(KeyId)}' does not exist`);
    await expectFailure(client.send(new DescribeKeyCommand({ KeyId: Arn })), "NotFoundException", "Invalid arn eu-central-1");
  });

  test("is of the partition of its region", async () => {
    expect(await kms.aws.admin.createKey({ region: "cn-north-1" })).toMatch(/^arn:aws-cn:kms:cn-north-1:/);
    expect(await kms.aws.admin.createKey({ region: "us-gov-west-1" })).toMatch(/^arn:aws-us-gov:kms:us-gov-west-1:/);
  });
});

describe("a key that does not exist", () => {
  test.each([
    ["an id", unknown, `Key '${arnOf(unknown)}' does not exist`],
    ["an ARN", arnOf(unknown), `Key '${arnOf(unknown)}' does not exist`],
    ["an alias", "alias/none", "Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found."],
    ["no id", "not a key", "Invalid keyId 'not a key'"],
    ["an ARN of another region", arnOf(unknown, "us-west-2"), "Invalid arn us-west-2"],
    ["an ARN of another service", "arn:aws:s3:::bucket", "Invalid arn arn:aws:s3:::bucket"],
  ])("is not found by %s", async (_what, KeyId, message) => {
    for (const call of [
      client.send(new EncryptCommand({ KeyId, Plaintext })),
      client.send(new DecryptCommand({ KeyId, CiphertextBlob: Plaintext })),
      client.send(new DescribeKeyCommand({ KeyId })),
    ]) {
      await expectFailure(call, "NotFoundException", message);
    }
  });
});

test("ListKeys reaches every key of the region, page by page", async () => {
  const region = "ap-south-1";
  const made = new Set<string>();
  for (let i = 0; i < 13; i += 1) made.add(await kms.aws.admin.createKey({ region }));
  const indian = kms.client({ region });
  const sizes: number[] = [];
  const listed = new Set<string | undefined>();
  for await (const { Keys = [] } of paginateListKeys({ client: indian, pageSize: 2 }, {})) {
    sizes.push(Keys.length);
    for (const { KeyArn, KeyId } of Keys) {
      listed.add(KeyArn);
      expect(KeyArn).toBe(arnOf(KeyId ?? "", region));
    }
  }
  expect(listed).toEqual(made);
  expect(sizes).toEqual([2, 2, 2, 2, 2, 2, 1]);
  await expectFailure(indian.send(new ListKeysCommand({ Marker: "x" })), "InvalidMarkerException");
  await expectFailure(indian.send(new ListKeysCommand({ Limit: 0 })), "ValidationException", "limit");
  await expectFailure(indian.send(new ListKeysCommand({ Limit: 1001 })), "ValidationException", "limit");
});

describe("a disabled key", () => {
  test("does nothing until it is enabled", async () => {
    const KeyId = await kms.aws.admin.createKey();
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext }));
    await client.send(new DisableKeyCommand({ KeyId: KeyId.split("/")[1] }));
    expect((await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({ Enabled: false, KeyState: "Disabled" });
    for (const call of [
      client.send(new EncryptCommand({ KeyId, Plaintext })),
      client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })),
      client.send(new DecryptCommand({ CiphertextBlob })),
      client.send(new DecryptCommand({ KeyId, CiphertextBlob })),
      client.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId })),
      client.send(new RotateKeyOnDemandCommand({ KeyId })),
    ]) {
      await expectFailure(call, "DisabledException", `${KeyId} is disabled.`);
    }
    await client.send(new EnableKeyCommand({ KeyId }));
    expect((await client.send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(KeyId);
  });

  test("of one name does not disable another", async () => {
    const [first, second] = [await kms.aws.admin.createKey(), await kms.aws.admin.createKey()];
    kms.aws.admin.disableKey(first);
    await client.send(new EncryptCommand({ KeyId: second, Plaintext }));
    kms.aws.admin.enableKey(first);
    await client.send(new EncryptCommand({ KeyId: first, Plaintext }));
  });
});

describe("a key that will be deleted", () => {
  test("does nothing, and comes back disabled when the deletion is cancelled", async () => {
    const KeyId = await kms.aws.admin.createKey();
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext }));
    const scheduled = await client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect(scheduled).toMatchObject({ KeyId, KeyState: "PendingDeletion", PendingWindowInDays: 7 });
    const days = ((scheduled.DeletionDate?.getTime() ?? 0) - Date.now()) / 86_400_000;
    expect(Math.round(days)).toBe(7);
    expect((await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).toMatchObject({
      KeyState: "PendingDeletion",
      Enabled: false,
      DeletionDate: scheduled.DeletionDate,
    });
    for (const call of [
      client.send(new EncryptCommand({ KeyId, Plaintext })),
      client.send(new DecryptCommand({ KeyId, CiphertextBlob })),
      client.send(new EnableKeyCommand({ KeyId })),
      client.send(new DisableKeyCommand({ KeyId })),
      client.send(new ScheduleKeyDeletionCommand({ KeyId })),
      client.send(new CreateAliasCommand({ AliasName: "alias/late", TargetKeyId: KeyId })),
      client.send(new TagResourceCommand({ KeyId, Tags: [] })),
      client.send(new PutKeyPolicyCommand({ KeyId, Policy: "{}" })),
      client.send(new RotateKeyOnDemandCommand({ KeyId })),
    ]) {
      await expectFailure(call, "KMSInvalidStateException", `${KeyId} is pending deletion.`);
    }
    expect(await client.send(new CancelKeyDeletionCommand({ KeyId }))).toMatchObject({ KeyId });
    await expectFailure(client.send(new CancelKeyDeletionCommand({ KeyId })), "KMSInvalidStateException", "is not pending deletion");
    await expectFailure(client.send(new DecryptCommand({ CiphertextBlob })), "DisabledException");
    await client.send(new EnableKeyCommand({ KeyId }));
    await client.send(new DecryptCommand({ CiphertextBlob }));
  });

  test.each([3, 31])("waits neither %d days", async (PendingWindowInDays) => {
    const KeyId = await kms.aws.admin.createKey();
    const call = client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays }));
    await expectFailure(call, "ValidationException", `PendingWindowInDays should be between 7 and 30, but it is ${PendingWindowInDays}`);
  });

  test("waits 30 days where nobody says", async () => {
    const KeyId = await kms.aws.admin.createKey();
    expect((await client.send(new ScheduleKeyDeletionCommand({ KeyId }))).PendingWindowInDays).toBe(30);
  });

  test("is gone in the end, with its aliases", async () => {
    const KeyId = await kms.aws.admin.createKey({ alias: "alias/doomed" });
    const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext }));
    kms.aws.admin.deleteKey(KeyId);
    await expectFailure(client.send(new DescribeKeyCommand({ KeyId })), "NotFoundException", "does not exist");
    await expectFailure(client.send(new DescribeKeyCommand({ KeyId: "alias/doomed" })), "NotFoundException", "is not found");
    await expectFailure(client.send(new DecryptCommand({ CiphertextBlob })), "InvalidCiphertextException");
  });
});

test("admin refuses what does not exist", async () => {
  const { admin } = kms.aws;
  expect(() => admin.disableKey(arnOf(unknown))).toThrow(RangeError);
  expect(() => admin.rotateKey("alias/none")).toThrow(RangeError);
  expect(() => admin.deny({ operation: "Decript" })).toThrow(RangeError);
  expect(() => admin.fail({ operation: "Decript", as: "slow" })).toThrow(RangeError);
  await expect(admin.createKey({ alias: "orders" })).rejects.toThrow(RangeError);
  expect(() => admin.replicateKey(arnOf(unknown), "eu-west-1")).toThrow(RangeError);
});
