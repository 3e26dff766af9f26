import { DescribeKeyCommand, KMSClient } from "@aws-sdk/client-kms";
import { open, refresh, seal } from "@letterlock/core";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { awsKms, awsKmsRsa, findAwsKmsKeys } from "../src/index.ts";
import { kekCall } from "./support/kek-call.ts";
import { codeOf, rejectionOf } from "./support/rejection.ts";
import { runningAwsKms } from "./support/running-aws-kms.ts";

// The oldest release that the peer dependency allows, in the place of the newest: a client takes only commands of its own release.
vi.mock("@aws-sdk/client-kms", () => import("@aws-sdk/client-kms-v3-848"));

const kms = runningAwsKms();
const context = { tenant: "acme" };
const message = new Uint8Array([1, 2, 3]);
let client: KMSClient;

beforeAll(() => {
  const credentials = { accessKeyId: "alice", secretAccessKey: "secret" };
  client = new KMSClient({ endpoint: kms.aws.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
});
beforeEach(() => {
  kms.admin.clearFaults();
});
afterAll(() => client.destroy());

test("is the oldest client", async () => {
  const agents: unknown[] = [];
  client.middlewareStack.add(
    (next) => (args) => {
      agents.push((args.request as { headers: Record<string, string> }).headers["user-agent"]);
      return next(args);
    },
    { step: "finalizeRequest", name: "agent" },
  );
  await client.send(new DescribeKeyCommand({ KeyId: await kms.admin.createKey() }));
  client.middlewareStack.remove("agent");
  expect(String(agents[0])).toContain("aws-sdk-js/3.848.0");
});

test("seals, opens, refreshes and knows versions", async () => {
  const keyArn = await kms.admin.createKey();
  const kek = awsKms({ client, keyArn });
  const envelope = await seal(message, [kek], { context });
  expect(await open(envelope, [kek], { context })).toEqual(message);
  kms.admin.rotateKey(keyArn);
  const current = await kek.currentVersion(kekCall());
  const { object, recipients } = await refresh(envelope, [kek], { context });
  expect(recipients).toMatchObject([{ status: "rewrapped", to: current }]);
  expect((await refresh(object, [kek], { context })).recipients).toMatchObject([{ status: "current" }]);
  expect(await open(object, [kek], { context })).toEqual(message);
});

test("seals and opens under an RSA key", async () => {
  const kek = awsKmsRsa({ client, keyArn: await kms.admin.createKey({ spec: "RSA_2048" }) });
  expect(await open(await seal(message, [kek], { context }), [kek], { context })).toEqual(message);
});

test("finds keys", async () => {
  const keyArn = await kms.admin.createKey({ alias: "alias/orders", tags: { team: "billing" } });
  const found = await findAwsKmsKeys({ client, filter: { tag: { key: "team" } } });
  expect(found.map(({ keyRef }) => keyRef)).toEqual([keyArn]);
  expect(await findAwsKmsKeys({ client, filter: { alias: "alias/*", account: "111122223333" } })).toHaveLength(1);
});

test("reports what the service refuses", async () => {
  const keyArn = await kms.admin.createKey();
  const kek = awsKms({ client, keyArn });
  const envelope = await seal(message, [kek]);
  const opening = () => codeOf(open(envelope, [kek]));
  for (const [as, code] of [
    ["throttled", "throttled"],
    ["unavailable", "unavailable"],
    ["reset", "unavailable"],
    ["garbage", "provider-error"],
    ["wrong-key", "provider-error"],
    ["wrong-length", "not-authentic"],
  ] as const) {
    kms.admin.fail({ as });
    expect([as, await opening()]).toEqual([as, code]);
  }
  kms.admin.disableKey(keyArn);
  expect(await opening()).toBe("kek-unusable");
  kms.admin.deny({ key: keyArn });
  expect(await opening()).toBe("access-denied");
  kms.admin.deleteKey(keyArn);
  expect(await opening()).toBe("kek-not-found");
  const foreign = { provider: "aws-kms", keyRef: keyArn, wrapped: new Uint8Array(100) };
  const other = awsKms({ client, keyArn: await kms.admin.createKey() });
  expect(other.errorCode(await rejectionOf(other.unwrap(foreign, kekCall())))).toBe("not-authentic");
});

test("ends the request when the call is aborted", async () => {
  const kek = awsKms({ client, keyArn: await kms.admin.createKey() });
  kms.admin.fail({ as: "timeout" });
  const controller = new AbortController();
  const running = rejectionOf(kek.generate(kekCall({ signal: controller.signal })));
  await expect.poll(() => kms.admin.takeRequests().some(({ fault }) => fault === "timeout")).toBe(true);
  controller.abort();
  expect(await running).toMatchObject({ name: "AbortError" });
});
