import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PutKeyPolicyCommand, RotateKeyOnDemandCommand } from "@aws-sdk/client-kms";
import { createIntermediateKek, localKek, open, refresh, seal } from "@letterlock/core";
import { beforeEach, describe, expect, test } from "vitest";
import { type AwsKmsKek, awsKms } from "../src/index.ts";
import { codeOf } from "./support/rejection.ts";
import { runningAwsKms } from "./support/running-aws-kms.ts";

// The statements of the README, put on a key as they are written there, but for the names of the roles: the emulator knows users only.

const kms = runningAwsKms();
const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
const statements = new Map(
  Array.from(readme.matchAll(/```json\n([\s\S]*?)```/g), ([, json = ""]): [string, unknown] => {
    const statement = JSON.parse(json.replace(/:role\/(\w+)/, ":user/$1")) as { Sid: string };
    return [statement.Sid, statement];
  }),
);
const context = { tenant: "acme" };
const message = new Uint8Array([1, 2, 3]);
let keyArn: string;
const as = (accessKeyId: string): AwsKmsKek => awsKms({ client: kms.client({ accessKeyId }), keyArn });

beforeEach(async () => {
  keyArn = await kms.admin.createKey();
});

/** The key's administrator may do everything, the others what these statements say. */
async function grant(...sids: readonly string[]): Promise<void> {
  const administrator = { Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:user/alice" }, Action: "kms:*", Resource: "*" };
  const granted = sids.map((sid) => {
    const statement = statements.get(sid);
    if (statement === undefined) throw new Error(`the README has no statement ${sid}`);
    return statement;
  });
  await kms.client().send(new PutKeyPolicyCommand({ KeyId: keyArn, Policy: JSON.stringify({ Statement: [administrator, ...granted] }) }));
}

test("the README has a statement for each role", () => {
  expect([...statements.keys()]).toEqual([
    "LetterlockSeal",
    "LetterlockSealAnywhere",
    "LetterlockOpen",
    "LetterlockRefresh",
    "LetterlockRotate",
  ]);
});

describe("a sealer", () => {
  test("seals for its tenant, and nothing else", async () => {
    await grant("LetterlockSeal");
    const sealer = as("sealer");
    const envelope = await seal(message, [sealer], { context });
    expect(await open(envelope, [as("alice")], { context })).toEqual(message);
    expect(await codeOf(seal(message, [sealer], { context: { tenant: "other" } }))).toBe("access-denied");
    expect(await codeOf(seal(message, [sealer]))).toBe("access-denied");
    expect(await codeOf(open(envelope, [sealer], { context }))).toBe("access-denied");
    expect(await codeOf(createIntermediateKek([sealer], { context }))).toBe("access-denied");
    expect(await codeOf(refresh(envelope, [sealer], { context }))).toBe("access-denied");
  });

  test("needs Encrypt too where another KEK makes the data key", async () => {
    const first = awsKms({ client: kms.client(), keyArn: await kms.admin.createKey() });
    await grant("LetterlockSeal");
    expect(await codeOf(seal(message, [first, as("sealer")], { context }))).toBe("access-denied");
    await grant("LetterlockSealAnywhere");
    const envelope = await seal(message, [first, as("sealer")], { context });
    expect(await open(envelope, [as("alice")], { context })).toEqual(message);
    const local = localKek({ name: "x", secret: new Uint8Array(32) });
    await seal(message, [local, as("sealer")], { context });
  });
});

test("an opener opens for its tenant, and nothing else", async () => {
  await grant("LetterlockOpen");
  const opener = as("opener");
  const envelope = await seal(message, [as("alice")], { context });
  expect(await open(envelope, [opener], { context })).toEqual(message);
  const other = { tenant: "other" };
  expect(await codeOf(open(await seal(message, [as("alice")], { context: other }), [opener], { context: other }))).toBe("access-denied");
  expect(await codeOf(seal(message, [opener], { context }))).toBe("access-denied");
});

test("a refresher refreshes without opening", async () => {
  await grant("LetterlockRefresh");
  const refresher = as("refresher");
  const envelope = await seal(message, [as("alice")], { context });
  kms.admin.rotateKey(keyArn);
  const { object, recipients } = await refresh(envelope, [refresher], { context });
  expect(recipients).toMatchObject([{ status: "rewrapped" }]);
  expect(await open(object, [as("alice")], { context })).toEqual(message);
  expect(await codeOf(open(object, [refresher], { context }))).toBe("access-denied");
  expect(await codeOf(seal(message, [refresher], { context }))).toBe("access-denied");
});

test("a refresher moves nothing to another key", async () => {
  const { EncryptCommand, ReEncryptCommand } = await import("@aws-sdk/client-kms");
  await grant("LetterlockRefresh");
  const client = kms.client({ accessKeyId: "refresher" });
  const { CiphertextBlob } = await kms.client().send(new EncryptCommand({ KeyId: keyArn, Plaintext: message }));
  await client.send(new ReEncryptCommand({ CiphertextBlob, SourceKeyId: keyArn, DestinationKeyId: keyArn }));
  const DestinationKeyId = await kms.admin.createKey();
  await expect(client.send(new ReEncryptCommand({ CiphertextBlob, SourceKeyId: keyArn, DestinationKeyId }))).rejects.toMatchObject({
    name: "AccessDeniedException",
  });
});

test("a rotator rotates, and neither seals nor opens", async () => {
  await grant("LetterlockRotate");
  const before = await as("alice").currentVersion({ signal: new AbortController().signal });
  await kms.client({ accessKeyId: "rotator" }).send(new RotateKeyOnDemandCommand({ KeyId: keyArn }));
  expect(await as("alice").currentVersion({ signal: new AbortController().signal })).not.toBe(before);
  expect(await codeOf(seal(message, [as("rotator")], { context }))).toBe("access-denied");
});
