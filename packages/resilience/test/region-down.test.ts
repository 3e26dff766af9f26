import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { type Attempt, inspect, type Kek, open, rewrap } from "@letterlock/core";
import { type AwsKmsAdmin, startAwsKms } from "@letterlock/emulators";
import { expect, test } from "vitest";
import { circuitBreaking, preferring, sealAtLeast, timed } from "../src/index.ts";

// Two keys in two regions, each with a service of its own. A region is down when its connections break.

const message = new TextEncoder().encode("message");
const context = { tenant: "acme" };

test("preferring asks the other region first while one is down, and comes back to it", async () => {
  await using west = await startRegion("eu-west-1");
  await using north = await startRegion("eu-north-1");
  const { envelope } = await sealAtLeast(2, message, [west.kek, north.kek], { context });
  const preferred = preferring([west.kek, north.kek], { forgetAfterMs: 2_000_000 });
  const opened = async (): Promise<string[]> => {
    const failed: Attempt[] = [];
    expect(await open(envelope, preferred(), { context, onFailedAttempt: (attempt) => failed.push(attempt) })).toEqual(message);
    return failed.map(({ code }) => code);
  };
  west.takeRequests();
  north.takeRequests();

  west.goDown();
  expect(await opened()).toEqual(["unavailable"]);
  expect([west.takeRequests(), north.takeRequests()]).toEqual([1, 1]);
  for (let i = 0; i < 10; i++) expect(await opened()).toEqual([]);
  expect([west.takeRequests(), north.takeRequests()]).toEqual([0, 10]);

  west.comeBack();
  north.goDown();
  expect(await opened()).toEqual(["unavailable"]);
  north.comeBack();
  west.takeRequests();
  north.takeRequests();
  for (let i = 0; i < 10; i++) expect(await opened()).toEqual([]);
  expect([west.takeRequests(), north.takeRequests()]).toEqual([10, 0]);
});

test("sealAtLeast writes without a region that is down, and rewrap with keep adds it when it is back", async () => {
  await using west = await startRegion("eu-west-1");
  await using north = await startRegion("eu-north-1");
  const keks = [west.kek, north.kek].map((kek) =>
    circuitBreaking(timed(kek, { perAttemptMs: 10_000 }), { failures: 1, halfOpenAfterMs: 1 }),
  );

  // The first of the list makes the data key, so its absence is another path than that of the second.
  for (const [down, up, missingIndex] of [
    [west, north, 0],
    [north, west, 1],
  ] as const) {
    down.goDown();
    await expect(sealAtLeast(2, message, keks, { context })).rejects.toMatchObject({ code: "unavailable", keyRef: down.kek.keyRef });
    const { envelope, missing } = await sealAtLeast(1, message, keks, { context });
    expect(missing).toEqual([{ provider: "aws-kms", keyRef: keks[missingIndex]?.keyRef, code: "unavailable" }]);
    const info = inspect(envelope);
    expect(info.type === "envelope" && info.header.recipients.map(({ keyRef }) => keyRef)).toEqual([up.kek.keyRef]);
    expect(await open(envelope, [up.kek], { context })).toEqual(message);

    down.comeBack();
    const repaired = await rewrap(envelope, { from: [up.kek], to: [down.kek], keep: () => true }, { context });
    for (const kek of [west.kek, north.kek]) expect(await open(repaired, [kek], { context })).toEqual(message);
    // The circuit tries again after a millisecond.
    await expect.poll(async () => (await sealAtLeast(1, message, keks, { context })).missing).toEqual([]);
  }
});

test("sealAtLeast does not write while both are down", async () => {
  await using west = await startRegion("eu-west-1");
  await using north = await startRegion("eu-north-1");
  west.goDown();
  north.goDown();
  const error: unknown = await sealAtLeast(1, message, [west.kek, north.kek], { context }).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "unavailable", retryable: true, attempts: [{ code: "unavailable" }, { code: "unavailable" }] });
});

interface Region extends AsyncDisposable {
  readonly kek: Kek;
  goDown(): void;
  comeBack(): void;
  /** How many there were. */
  takeRequests(): number;
}

async function startRegion(region: string): Promise<Region> {
  const aws = await startAwsKms();
  const admin: AwsKmsAdmin = aws.admin;
  const client = new KMSClient({
    endpoint: aws.endpoint,
    region,
    credentials: { accessKeyId: "alice", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  return {
    kek: awsKms({ client, keyArn: await admin.createKey({ region }) }),
    goDown: () => admin.fail({ as: "reset", times: Infinity }),
    comeBack: () => admin.clearFaults(),
    takeRequests: () => admin.takeRequests().length,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await aws.close();
    },
  };
}
