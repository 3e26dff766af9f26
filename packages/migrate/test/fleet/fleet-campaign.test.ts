import { requireDebianServer, startPostgres, startRedis } from "@letterlock/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Campaign, fleetCampaign } from "./campaign/fleet-campaign.ts";
import type { Mutation } from "./campaign/fleet-setup.ts";

const seed = Number(process.env.LETTERLOCK_SEED ?? Date.now() % 1_000_000_000);
const quota = 250;
/** Hardly any machine is too busy to exceed it. */
const smallQuota = 120;
const rowsPerPartition = 50;

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe.runIf(requireDebianServer("redis-server") && requireDebianServer("postgresql"))("four workers that are killed each second", () => {
  let servers = { redis: "", postgres: "" };
  beforeAll(async () => {
    servers = { redis: running.use(await startRedis()).endpoint, postgres: running.use(await startPostgres()).endpoint };
  }, 120_000);
  const campaign = (rows: number, mutation: Mutation, round = 0): Promise<Campaign> =>
    fleetCampaign(servers, {
      ...{ rows, mutation, seed: seed + round, partitions: rows / rowsPerPartition },
      quota: mutation === "no limiter" ? smallQuota : quota,
    });

  test("lose nothing, count nothing twice and keep the quota", { timeout: 600_000 }, async () => {
    console.log(`seed of the fleet: ${seed}`);
    const { kills, zombies, books, lost, aws, vault, exitCodes } = await campaign(2_000, "none");
    expect(lost).toEqual({ count: 0, first: [] });
    expect(books).toMatchObject({ scanned: 2_000, ok: true });
    expect(books.classes.migrated + books.classes.already).toBe(2_000);
    expect(aws.requests).toBeGreaterThanOrEqual(2_000);
    expect(Math.max(aws.mostInASecond, vault.mostInASecond)).toBeLessThanOrEqual(quota);
    expect(kills).toBeGreaterThan(3);
    expect(zombies).toBeGreaterThan(0);
    expect(new Set(exitCodes)).toEqual(new Set([0]));
  });

  test("would exceed the quota without the limiter", { timeout: 600_000 }, async () => {
    let most = 0;
    for (let round = 0; round < 5 && most <= smallQuota; round++) most = (await campaign(1_000, "no limiter", round)).aws.mostInASecond;
    expect(most).toBeGreaterThan(smallQuota);
  });

  test("would count twice without the lock", { timeout: 600_000 }, async () => {
    let scanned = 0;
    for (let round = 0; round < 5 && scanned <= 1_000; round++) ({ scanned } = (await campaign(1_000, "no lock", round)).books);
    expect(scanned).toBeGreaterThan(1_000);
  });
});
