import {
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyRotationCommand,
  EnableKeyRotationCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  type KMSClient,
  ListKeyRotationsCommand,
  paginateListKeyRotations,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { beforeAll, beforeEach, expect, test } from "vitest";
import { expectFailure, runningAwsKms } from "./support.ts";

const kms = runningAwsKms();
let client: KMSClient;
let KeyId: string;
const Plaintext = new Uint8Array([1, 2, 3]);

beforeAll(() => {
  client = kms.client();
});
beforeEach(async () => {
  KeyId = await kms.aws.admin.createKey();
});

const current = async () => (await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.CurrentKeyMaterialId;
const encrypt = async () => (await client.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext: { a: "b" } }))).CiphertextBlob;
const decrypt = (CiphertextBlob: Uint8Array | undefined, EncryptionContext = { a: "b" }) =>
  client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));

test("every generation opens, and says which it is", async () => {
  const [materials, blobs] = [[await current()], [await encrypt()]];
  for (const rotate of [
    async () => expect(await client.send(new RotateKeyOnDemandCommand({ KeyId }))).toMatchObject({ KeyId }),
    async () => kms.aws.admin.rotateKey(KeyId),
  ]) {
    await rotate();
    materials.push(await current());
    blobs.push(await encrypt());
  }
  expect(new Set(materials).size).toBe(3);
  for (const [index, blob] of blobs.entries()) {
    expect(await decrypt(blob)).toMatchObject({ KeyId, KeyMaterialId: materials[index] });
    await expectFailure(decrypt(blob, { a: "c" }), "InvalidCiphertextException");
  }
  const moved = await client.send(
    new ReEncryptCommand({
      CiphertextBlob: blobs[0],
      SourceEncryptionContext: { a: "b" },
      DestinationKeyId: KeyId,
      DestinationEncryptionContext: { a: "b" },
    }),
  );
  expect(moved).toMatchObject({ SourceKeyMaterialId: materials[0], DestinationKeyMaterialId: materials[2] });
});

test("25 rotations on demand are allowed, and any number of others", async () => {
  kms.aws.admin.rotateKey(KeyId);
  for (let i = 0; i < 25; i += 1) await client.send(new RotateKeyOnDemandCommand({ KeyId }));
  const call = client.send(new RotateKeyOnDemandCommand({ KeyId }));
  await expectFailure(call, "LimitExceededException", "The on-demand rotations limit has been reached for the given keyId.");
  const before = await current();
  kms.aws.admin.rotateKey(KeyId);
  expect(await current()).not.toBe(before);
});

test("rotations are listed, page by page, with all material if asked", async () => {
  const first = await current();
  await client.send(new RotateKeyOnDemandCommand({ KeyId }));
  kms.aws.admin.rotateKey(KeyId);
  const { Rotations = [], Truncated } = await client.send(new ListKeyRotationsCommand({ KeyId }));
  expect(Truncated).toBe(false);
  expect(Rotations).toMatchObject([
    { KeyId, RotationType: "ON_DEMAND", RotationDate: expect.any(Date), KeyMaterialState: "NON_CURRENT" },
    { KeyId, RotationType: "AUTOMATIC", KeyMaterialState: "CURRENT", KeyMaterialId: await current() },
  ]);
  const all: unknown[] = [];
  let pages = 0;
  const input = { KeyId, IncludeKeyMaterial: "ALL_KEY_MATERIAL" } as const;
  for await (const page of paginateListKeyRotations({ client, pageSize: 1 }, input)) {
    pages += 1;
    all.push(...(page.Rotations ?? []));
  }
  expect(pages).toBe(3);
  expect(all).toMatchObject([{ KeyMaterialId: first, KeyMaterialState: "NON_CURRENT" }, ...Rotations]);
  expect(all[0]).not.toHaveProperty("RotationDate");
});

test("automatic rotation is turned on and off", async () => {
  const status = () => client.send(new GetKeyRotationStatusCommand({ KeyId }));
  expect(await status()).toMatchObject({ KeyId, KeyRotationEnabled: false });
  await client.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }));
  const on = await status();
  expect(on).toMatchObject({ KeyRotationEnabled: true, RotationPeriodInDays: 90, NextRotationDate: expect.any(Date) });
  expect(Math.round(((on.NextRotationDate?.getTime() ?? 0) - Date.now()) / 86_400_000)).toBe(90);
  await client.send(new DisableKeyRotationCommand({ KeyId }));
  expect((await status()).KeyRotationEnabled).toBe(false);
  for (const RotationPeriodInDays of [89, 2561]) {
    const call = client.send(new EnableKeyRotationCommand({ KeyId, RotationPeriodInDays }));
    await expectFailure(call, "ValidationException", "rotationPeriodInDays");
  }
});
