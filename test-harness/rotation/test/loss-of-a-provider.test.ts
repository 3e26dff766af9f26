import { awsKms } from "@letterlock/aws-kms";
import { open, rewrap, seal, verify } from "@letterlock/core";
import { type AwsKmsAdmin, type Emulator, startAwsKms, startVaultTransit } from "@letterlock/emulators";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { expect, test } from "vitest";
import { awsClient } from "../src/aws-client.ts";
import { describeLoss } from "../src/describe-loss.ts";
import { guardedKeks } from "../src/guarded-keks.ts";
import { portOf, startLine } from "../src/line.ts";
import { load } from "../src/load.ts";
import { recipientsOf } from "../src/stale-recipients.ts";

const call = { context: { tenant: "acme" }, aad: "orders/17" };
const message = new TextEncoder().encode("what must stay readable");

describeLoss("two providers", async (started) => {
  const aws = started.use(await startAwsKms());
  const line = started.use(await startLine(portOf(aws.endpoint)));
  return { first: await awsKek(aws, `http://127.0.0.1:${line.port}`, started), second: await vaultKek(started), line };
});

test("a provider that is gone for good is replaced from the one that is left", { timeout: 60_000 }, async () => {
  await using started = new AsyncDisposableStack();
  const aws = await startAwsKms();
  started.use(aws);
  const [gone, left] = [await awsKek(aws, aws.endpoint, started), await vaultKek(started)];
  const { order, callsToFirst } = guardedKeks([gone, left], { perAttemptMs: 1_000, leaveAloneMs: 60_000 });
  const envelope = await seal(message, [gone, left], call);
  await load(100, 4, async (index) => {
    if (index === 30) await aws.close();
    expect(await open(envelope, order(), call)).toEqual(message);
  });
  expect(callsToFirst.filter(({ ok }) => !ok).length).toBeLessThanOrEqual(4);

  const replacement = started.use(await startAwsKms());
  const fresh = await awsKek(replacement, replacement.endpoint, started);
  const { context } = call;
  const repaired = await rewrap(envelope, { from: [left], to: [fresh], keep: (recipient) => left.owns(recipient) }, { context });
  expect(recipientsOf(repaired).map(({ keyRef }) => keyRef)).toEqual([fresh.keyRef, left.keyRef]);
  expect(await verify(repaired, [fresh, left], { context })).toMatchObject({ ok: true });
  expect(await open(repaired, [fresh], call)).toEqual(message);
});

async function awsKek(aws: Emulator<AwsKmsAdmin>, endpoint: string, started: AsyncDisposableStack): Promise<ReturnType<typeof awsKms>> {
  return awsKms({ client: awsClient(endpoint, "us-east-1", started), keyArn: await aws.admin.createKey() });
}

async function vaultKek(started: AsyncDisposableStack): Promise<ReturnType<typeof vaultTransit>> {
  const vault = started.use(await startVaultTransit());
  vault.admin.createKey({ name: "orders" });
  const client = started.use(vaultClient({ endpoint: vault.endpoint, token: vault.rootToken }));
  return vaultTransit({ client, keyName: "orders" });
}
