import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GetKeyRotationStatusCommand,
  ListKeyRotationsCommand,
  ReplicateKeyCommand,
  RotateKeyOnDemandCommand,
  ScheduleKeyDeletionCommand,
} from "@aws-sdk/client-kms";
import { beforeEach, expect, test } from "vitest";
import { expectFailure, runningAwsKms } from "./support.ts";

const kms = runningAwsKms();
const Plaintext = new Uint8Array([1, 2, 3]);
const inEurope = () => kms.client({ region: "eu-west-1" });
const inAmerica = () => kms.client({ region: "us-west-2" });
let primary: string;
let replica: string;

beforeEach(async () => {
  const made = await inEurope().send(new CreateKeyCommand({ MultiRegion: true }));
  primary = made.KeyMetadata?.Arn ?? "";
  const replicated = await inEurope().send(
    new ReplicateKeyCommand({ KeyId: primary, ReplicaRegion: "us-west-2", Description: "a copy", Tags: [{ TagKey: "a", TagValue: "b" }] }),
  );
  replica = replicated.ReplicaKeyMetadata?.Arn ?? "";
  expect(replicated.ReplicaTags).toEqual([{ TagKey: "a", TagValue: "b" }]);
  expect(replicated.ReplicaPolicy).toContain("kms:*");
});

test("a replica has the id and the material of its primary key, and an ARN of its own", async () => {
  expect(primary).toMatch(/^arn:aws:kms:eu-west-1:111122223333:key\/mrk-[0-9a-f]{32}$/);
  expect(replica).toBe(primary.replace("eu-west-1", "us-west-2"));
  const [one, two] = [
    (await inEurope().send(new DescribeKeyCommand({ KeyId: primary }))).KeyMetadata,
    (await inAmerica().send(new DescribeKeyCommand({ KeyId: replica }))).KeyMetadata,
  ];
  expect(two).toMatchObject({ CurrentKeyMaterialId: one?.CurrentKeyMaterialId, Description: "a copy", MultiRegion: true });
  const configuration = {
    PrimaryKey: { Arn: primary, Region: "eu-west-1" },
    ReplicaKeys: [{ Arn: replica, Region: "us-west-2" }],
  };
  expect(one?.MultiRegionConfiguration).toEqual({ MultiRegionKeyType: "PRIMARY", ...configuration });
  expect(two?.MultiRegionConfiguration).toEqual({ MultiRegionKeyType: "REPLICA", ...configuration });
});

test("each opens what the other sealed, under its own name", async () => {
  const { CiphertextBlob } = await inEurope().send(new EncryptCommand({ KeyId: primary, Plaintext }));
  expect((await inAmerica().send(new DecryptCommand({ CiphertextBlob, KeyId: replica }))).KeyId).toBe(replica);
  expect((await inAmerica().send(new DecryptCommand({ CiphertextBlob }))).KeyId).toBe(replica);
  const back = await inAmerica().send(new EncryptCommand({ KeyId: replica, Plaintext }));
  expect((await inEurope().send(new DecryptCommand({ CiphertextBlob: back.CiphertextBlob }))).KeyId).toBe(primary);
});

test("each has its own state", async () => {
  await inAmerica().send(new DisableKeyCommand({ KeyId: replica }));
  await expectFailure(inAmerica().send(new EncryptCommand({ KeyId: replica, Plaintext })), "DisabledException");
  await inEurope().send(new EncryptCommand({ KeyId: primary, Plaintext }));
});

test("a rotation of the primary key reaches the replica, and starts nowhere else", async () => {
  await expectFailure(inAmerica().send(new RotateKeyOnDemandCommand({ KeyId: replica })), "UnsupportedOperationException");
  await inEurope().send(new RotateKeyOnDemandCommand({ KeyId: primary }));
  const { Rotations } = await inAmerica().send(new ListKeyRotationsCommand({ KeyId: replica }));
  expect(Rotations).toMatchObject([{ RotationType: "ON_DEMAND", KeyMaterialState: "CURRENT" }]);
  expect((await inAmerica().send(new GetKeyRotationStatusCommand({ KeyId: replica }))).KeyRotationEnabled).toBe(false);
});

test("a primary key waits for its replicas before it is deleted", async () => {
  const scheduled = await inEurope().send(new ScheduleKeyDeletionCommand({ KeyId: primary, PendingWindowInDays: 9 }));
  expect(scheduled).toMatchObject({ KeyState: "PendingReplicaDeletion", PendingWindowInDays: 9 });
  expect(scheduled.DeletionDate).toBeUndefined();
  const describe = () => inEurope().send(new DescribeKeyCommand({ KeyId: primary }));
  expect((await describe()).KeyMetadata).toMatchObject({ KeyState: "PendingReplicaDeletion", PendingDeletionWindowInDays: 9 });
  await expectFailure(inEurope().send(new EncryptCommand({ KeyId: primary, Plaintext })), "KMSInvalidStateException");
  kms.aws.admin.deleteKey(replica);
  expect((await describe()).KeyMetadata).toMatchObject({ KeyState: "PendingDeletion", DeletionDate: expect.any(Date) });
});

test("is replicated once to each region, from the primary key, and only if it is multi-Region", async () => {
  const again = new ReplicateKeyCommand({ KeyId: primary, ReplicaRegion: "us-west-2" });
  await expectFailure(inEurope().send(again), "AlreadyExistsException");
  const fromReplica = new ReplicateKeyCommand({ KeyId: replica, ReplicaRegion: "us-east-1" });
  await expectFailure(inAmerica().send(fromReplica), "UnsupportedOperationException");
  const single = await kms.aws.admin.createKey({ region: "eu-west-1" });
  const ofSingle = new ReplicateKeyCommand({ KeyId: single, ReplicaRegion: "us-west-2" });
  await expectFailure(inEurope().send(ofSingle), "UnsupportedOperationException");
  const nowhere = new ReplicateKeyCommand({ KeyId: primary, ReplicaRegion: "nowhere" });
  await expectFailure(inEurope().send(nowhere), "ValidationException");
});
