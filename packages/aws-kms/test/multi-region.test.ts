import { inspect, open, refresh, seal } from "@letterlock/core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { awsKms } from "../src/index.ts";
import { kekCall, newDataKey } from "./support/kek-call.ts";
import { codeOf } from "./support/rejection.ts";
import { runningAwsKms } from "./support/running-aws-kms.ts";

const kms = runningAwsKms();
const context = { tenant: "acme" };
const message = new Uint8Array([1, 2, 3]);
let primary: string;
let replica: string;

beforeAll(async () => {
  primary = await kms.admin.createKey({ multiRegion: true, region: "eu-west-1" });
  replica = kms.admin.replicateKey(primary, "us-west-2");
});

beforeEach(() => {
  kms.admin.takeRequests();
});

const inEurope = () => awsKms({ client: kms.client({ region: "eu-west-1" }), keyArn: primary });
const inAmerica = () => awsKms({ client: kms.client({ region: "us-west-2" }), keyArn: replica });

describe("owns", () => {
  const mrk = "mrk-1234abcd12ab34cd56ef1234567890ab";
  const single = "1234abcd-12ab-34cd-56ef-1234567890ab";
  const arn = (id: string, { partition = "aws", region = "eu-west-1", account = "111122223333" } = {}) =>
    `arn:${partition}:kms:${region}:${account}:key/${id}`;
  const owns = (keyArn: string, keyRef: string, provider = "aws-kms") =>
    awsKms({ client: kms.client(), keyArn }).owns({ provider, keyRef, wrapped: new Uint8Array(100) });

  test.each([
    ["itself", arn(single), arn(single)],
    ["itself, multi-Region", arn(mrk), arn(mrk)],
    ["its replica", arn(mrk), arn(mrk, { region: "us-west-2" })],
  ])("%s", (_what, configured, keyRef) => {
    expect(owns(configured, keyRef)).toBe(true);
  });

  test.each([
    ["another key", arn(single), arn("00000000-12ab-34cd-56ef-1234567890ab")],
    ["a key of the same id in another region", arn(single), arn(single, { region: "us-west-2" })],
    ["a multi-Region key of another account", arn(mrk), arn(mrk, { account: "444455556666" })],
    ["a multi-Region key of another partition", arn(mrk), arn(mrk, { partition: "aws-cn", region: "cn-north-1" })],
    ["another multi-Region key", arn(mrk), arn("mrk-0000abcd12ab34cd56ef1234567890ab", { region: "us-west-2" })],
    ["an alias that looks like a replica", arn(mrk), `arn:aws:kms:us-west-2:111122223333:alias/${mrk}`],
    ["an ARN of another service", arn(mrk), arn(mrk).replace(":kms:", ":s3:")],
    ["a bare id", arn(mrk), mrk],
    ["a wildcard", arn(mrk), "arn:aws:kms:*:111122223333:key/*"],
    ["nothing", arn(mrk), ""],
  ])("not %s", (_what, configured, keyRef) => {
    expect(owns(configured, keyRef)).toBe(false);
  });

  test("nothing of another provider", () => {
    expect(owns(arn(mrk), arn(mrk), "gcp-kms")).toBe(false);
  });

  test("decides without a call", () => {
    expect(kms.admin.takeRequests()).toEqual([]);
  });
});

describe("a replica", () => {
  test("opens what another region sealed, and is asked in its own region", async () => {
    const envelope = await seal(message, [inEurope()], { context });
    kms.admin.takeRequests();
    expect(await open(envelope, [inAmerica()], { context })).toEqual(message);
    expect(kms.admin.takeRequests().map(({ operation, key }) => [operation, key])).toEqual([["Decrypt", replica]]);
  });

  test("refreshes what another region sealed", async () => {
    const envelope = await seal(message, [inEurope()], { context });
    kms.admin.rotateKey(primary);
    kms.admin.takeRequests();
    const { object, recipients } = await refresh(envelope, [inAmerica()], { context });
    expect(recipients).toMatchObject([{ status: "rewrapped", keyRef: primary }]);
    expect(new Set(kms.admin.takeRequests().map(({ key }) => key))).toEqual(new Set([replica]));
    for (const kek of [inEurope(), inAmerica()]) expect(await open(object, [kek], { context })).toEqual(message);
  });

  test("that may answer under the name of its primary key is believed", async () => {
    const client = kms.client({ region: "us-west-2" });
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        Object.assign(result.output as object, { KeyId: primary });
        return result;
      },
      { step: "initialize" },
    );
    const { wrapped } = await awsKms({ client, keyArn: replica }).wrap(newDataKey(), kekCall());
    expect(wrapped.length).toBe(184);
  });

  test("that is disabled does not disable the others", async () => {
    const envelope = await seal(message, [inEurope()], { context });
    kms.admin.disableKey(replica);
    expect(await codeOf(open(envelope, [inAmerica()], { context }))).toBe("kek-unusable");
    expect(await open(envelope, [inAmerica(), inEurope()], { context })).toEqual(message);
    kms.admin.enableKey(replica);
  });

  test("stands beside its primary key in one header", async () => {
    const envelope = await seal(message, [inEurope(), inAmerica()], { context });
    const info = inspect(envelope);
    expect(info.type === "envelope" && info.header.recipients.map(({ keyRef }) => keyRef)).toEqual([primary, replica].sort());
    for (const kek of [inEurope(), inAmerica()]) expect(await open(envelope, [kek], { context })).toEqual(message);
  });
});
