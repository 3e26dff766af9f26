import { CreateKeyCommand, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { open, seal } from "@letterlock/core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AwsKmsKeyFilter, findAwsKmsKeys } from "../src/index.ts";
import { rejectionOf } from "./support/rejection.ts";
import { runningAwsKms } from "./support/running-aws-kms.ts";

const kms = runningAwsKms();
const account = "111122223333";
/** More than one page of ListKeys and of ListAliases. */
const many = 120;
let tagged: string[];
let aliased: string[];
let disabled: string;

beforeAll(async () => {
  const { createKey } = kms.admin;
  tagged = [];
  for (let i = 0; i < many; i += 1) {
    const alias = `alias/filler-${String(i).padStart(3, "0")}`;
    const key = await createKey({ alias, tags: { team: i % 3 === 0 ? "billing" : "sales", [`only-${i}`]: "" } });
    if (i % 3 === 0) tagged.push(key);
  }
  aliased = [await createKey({ alias: "alias/orders" }), await createKey({ alias: "alias/orders-eu" })];
  disabled = await createKey({ alias: "alias/disabled", tags: { team: "billing" } });
  kms.admin.disableKey(disabled);
  await createKey({ alias: "alias/rsa", spec: "RSA_2048", tags: { team: "billing" } });
  await createKey({ alias: "alias/elsewhere", region: "eu-west-1", tags: { team: "billing" } });
  const client = kms.client();
  const team = { Tags: [{ TagKey: "team", TagValue: "billing" }] };
  await client.send(new CreateKeyCommand({ KeySpec: "HMAC_256", KeyUsage: "GENERATE_VERIFY_MAC", ...team }));
  await client.send(new CreateKeyCommand({ Origin: "EXTERNAL", ...team }));
  const doomed = await client.send(new CreateKeyCommand(team));
  await client.send(new ScheduleKeyDeletionCommand({ KeyId: doomed.KeyMetadata?.KeyId, PendingWindowInDays: 7 }));
});

beforeEach(() => {
  kms.admin.allowAll();
  kms.admin.clearFaults();
  kms.admin.takeRequests();
});

const refs = async (filter: AwsKmsKeyFilter): Promise<string[]> =>
  (await findAwsKmsKeys({ client: kms.client(), filter })).map(({ keyRef }) => keyRef);

describe("finds", () => {
  test("every usable key of an account, over all pages", async () => {
    const found = await refs({ account });
    expect(found).toHaveLength(many + aliased.length);
    expect(found).toEqual([...found].sort());
    expect(found).not.toContain(disabled);
    expect(kms.admin.takeRequests().filter(({ operation }) => operation === "ListKeys")).toHaveLength(2);
  });

  test("nothing under another account", async () => {
    expect(await refs({ account: "999999999999" })).toEqual([]);
  });

  test("keys by a tag and its value", async () => {
    expect(await refs({ tag: { key: "team", value: "billing" } })).toEqual([...tagged].sort());
  });

  test("keys by a tag alone", async () => {
    expect(await refs({ tag: { key: "only-3" } })).toEqual([tagged[1]]);
    expect(await refs({ tag: { key: "only-3", value: "x" } })).toEqual([]);
  });

  test("a key by its alias, over all pages", async () => {
    expect(await refs({ alias: "alias/orders" })).toEqual([aliased[0]]);
    const operations = kms.admin.takeRequests().map(({ operation }) => operation);
    expect(operations.filter((one) => one === "ListAliases").length).toBeGreaterThan(1);
    expect(operations.filter((one) => one === "DescribeKey")).toHaveLength(1);
    expect(operations).not.toContain("ListKeys");
  });

  test("keys by the beginning of an alias", async () => {
    expect(await refs({ alias: "alias/orders*" })).toEqual([...aliased].sort());
    expect(await refs({ alias: "alias/orders-*" })).toEqual([aliased[1]]);
    expect(await refs({ alias: "alias/order" })).toEqual([]);
  });

  test("a key of two aliases once", async () => {
    const { CreateAliasCommand } = await import("@aws-sdk/client-kms");
    await kms.client().send(new CreateAliasCommand({ AliasName: "alias/orders-second", TargetKeyId: aliased[0] }));
    expect(await refs({ alias: "alias/orders*" })).toEqual([...aliased].sort());
  });

  test("only what meets every part of a filter", async () => {
    expect(await refs({ alias: "alias/filler-00*", tag: { key: "team", value: "billing" }, account })).toHaveLength(4);
    expect(await refs({ alias: "alias/filler-001", tag: { key: "team", value: "billing" } })).toEqual([]);
    expect(await refs({ alias: "alias/filler-001", account: "999999999999" })).toEqual([]);
  });

  test.each(["alias/disabled", "alias/rsa"])("not the key of %s", async (alias) => {
    expect(await refs({ alias })).toEqual([]);
  });

  test("keys of the region of its client", async () => {
    const client = kms.client({ region: "eu-west-1" });
    const found = await findAwsKmsKeys({ client, filter: { tag: { key: "team" } } });
    expect(found.map(({ keyRef }) => keyRef.split(":")[3])).toEqual(["eu-west-1"]);
  });
});

test("what is found seals and opens, by its ARN", async () => {
  const keks = await findAwsKmsKeys({ client: kms.client(), filter: { alias: "alias/orders*" } });
  const message = new Uint8Array([1, 2, 3]);
  kms.admin.takeRequests();
  const envelope = await seal(message, keks);
  expect(await open(envelope, keks)).toEqual(message);
  expect(kms.admin.takeRequests().every(({ key }) => aliased.includes(key ?? ""))).toBe(true);
});

test("the first question that fails fails the search", async () => {
  kms.admin.deny({ operation: "DescribeKey", key: aliased[1] });
  expect(await rejectionOf(refs({ alias: "alias/orders*" }))).toMatchObject({ name: "AccessDeniedException" });
  kms.admin.fail({ operation: "ListResourceTags", as: "throttled" });
  expect(await rejectionOf(refs({ tag: { key: "team" } }))).toMatchObject({ name: "ThrottlingException" });
});

test("an abort ends the search", async () => {
  const signal = AbortSignal.abort();
  expect(await rejectionOf(findAwsKmsKeys({ client: kms.client(), filter: { account }, signal }))).toMatchObject({ name: "AbortError" });
  expect(kms.admin.takeRequests()).toEqual([]);
});

test("an alias of the service that names no key is left out", async () => {
  const client = kms.client();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const output = result.output as { Aliases?: unknown[] };
      output.Aliases?.push({ AliasName: "alias/aws/ebs" });
      return result;
    },
    { step: "initialize" },
  );
  expect(await findAwsKmsKeys({ client, filter: { alias: "alias/aws/*" } })).toEqual([]);
});

test("a key that AWS manages is left out", async () => {
  const client = kms.client();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { KeyMetadata } = result.output as { KeyMetadata?: { KeyManager?: string } };
      if (KeyMetadata !== undefined) KeyMetadata.KeyManager = "AWS";
      return result;
    },
    { step: "initialize" },
  );
  expect(await findAwsKmsKeys({ client, filter: { alias: "alias/orders" } })).toEqual([]);
});
