import { asStored, open } from "@letterlock/core";
import { requireDebianServer, startRedis } from "@letterlock/servers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { cancelRun, enqueue, type Fleet, fleetStatus, pauseFleet, resumeFleet } from "../../src/bullmq.ts";
import { keysOf, queueName, withQueue } from "../../src/fleet/fleet.ts";
import type { Migration } from "../../src/index.ts";
import { newKek } from "../support/keys.ts";
import { completed, onlyRun, subject, until, watchedWorker } from "./support/fleet-subject.ts";

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

async function enqueued(fleet: Fleet, migration: Migration): Promise<void> {
  await enqueue(fleet, { operation: "run", stores: { users: migration }, partitions: 1 });
}

describe.runIf(requireDebianServer("redis-server"))("a fleet that somebody mixes up", () => {
  let connection: Redis;
  beforeAll(async () => {
    connection = new Redis((await running.use(await startRedis())).endpoint, { maxRetriesPerRequest: null });
    running.defer(() => connection.disconnect());
  });

  test("counts nothing of a cancelled run for one of the same name", async () => {
    const one = await subject(connection, { objects: 60, latencyMs: 30 });
    const work = { stores: { users: one.migration }, run: "same" };
    await enqueue(one.fleet, { ...work, operation: "run", partitions: 6 });
    // Deaf to what is cancelled until long after it was enqueued again.
    const worker = watchedWorker(one, { beatMs: 400 });
    await until(() => worker.happened("progress")).toBeGreaterThan(1);
    await cancelRun(one.fleet, "same");
    await enqueue(one.fleet, { ...work, operation: "verify", partitions: 2 });
    const { books, stores } = await completed(one.fleet, "same");
    expect(books.scanned).toBe(60);
    expect(books.classes.migrated).toBe(0);
    expect(stores[0]?.verified.notMigrated).toBe(books.classes.quarantined);
    await worker.close();
  });

  test("cuts a store anew that Redis has forgotten the cut of, and counts by that one alone", async () => {
    const one = await subject(connection, { objects: 60 });
    let cut = 6;
    const migration = { ...one.migration, store: { ...one.store, partitions: () => one.store.partitions(cut) } };
    const work = { operation: "run", stores: { users: migration }, run: "cut" } as const;
    await enqueue(one.fleet, work);
    const [key = "none"] = await connection.keys(keysOf(one.fleet).run("cut", "*"));
    expect(await connection.del(key)).toBe(1);
    expect((await onlyRun(one.fleet)).stores[0]).toMatchObject({ isCut: false, partitions: 0 });
    cut = 3;
    await enqueue(one.fleet, work);
    await using _worker = watchedWorker(one);
    expect((await completed(one.fleet)).books.scanned).toBe(60);
  });

  test("refuses a job that is none", async () => {
    const one = await subject(connection, { objects: 8 });
    const run = await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 1, keep: true });
    await using worker = watchedWorker(one);
    await completed(one.fleet, run);
    const before = one.store.get("3");
    const bad = [
      { operation: "tidy" },
      { operation: "finish", options: { keep: true } },
      { options: { partitions: ["0/1"] } },
      { options: { concurrency: 9_999 } },
      { options: { blind: "yes" } },
      { store: "uploads" },
      { partition: 3 },
      { more: 1 },
    ];
    await withQueue(one.fleet, "users", async (queue) => {
      const [job] = await queue.getCompleted();
      for (const [index, change] of bad.entries())
        await queue.add("bad", { ...job?.data, ...change } as never, { jobId: `bad.${index}`, attempts: 1, removeOnFail: true });
    });
    await until(() => worker.happened("failed")).toBe(bad.length);
    for (const event of worker.events) if (event.type === "failed") expect(event.reason).toMatch(/^this is no partition that this version/);
    expect(worker.happened("entered")).toBe(1);
    expect(one.store.get("3")).toEqual(before);
  });

  test("does not take one table for another", async () => {
    const one = await subject(connection);
    const stores = { users: one.migration };
    const other = { ...one.migration, store: { ...one.store, description: "another table" } };
    await enqueue(one.fleet, { operation: "run", stores, partitions: 2, keep: true, run: "moved" });
    const mistaken = watchedWorker({ ...one, migration: other });
    await until(() => mistaken.happened("failed")).toBeGreaterThan(1);
    expect(mistaken.events.find(({ type }) => type === "failed")).toMatchObject({
      reason: "users is another table for this worker, and memory for the run: give both the same configuration",
    });
    expect(mistaken.happened("progress")).toBe(0);
    await mistaken.close();
    await using _worker = watchedWorker(one);
    await completed(one.fleet, "moved");
    await expect(enqueue(one.fleet, { operation: "run", stores: { users: other }, keep: true, run: "moved" })).rejects.toThrow(
      "the run moved is there already, and users is memory there, and another table here",
    );
    const verified = await enqueue(one.fleet, { operation: "verify", stores, partitions: 2 });
    await completed(one.fleet, verified);
    await expect(enqueue(one.fleet, { operation: "finish", stores: { users: other }, verified })).rejects.toThrow(
      `finish refuses: the verification ${verified} looked at memory, and users is another table`,
    );
  });

  test("does not take one key for another of the same name", async () => {
    const one = await subject(connection, { latencyMs: 10 });
    await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 4 });
    const first = watchedWorker(one);
    await until(() => first.happened("progress")).toBeGreaterThan(0);
    await first.close();
    // Another cluster, another Vault: the name is the same.
    const mistaken = watchedWorker({ ...one, migration: { ...one.migration, to: [newKek("new")] } });
    await until(() => mistaken.happened("failed")).toBeGreaterThan(0);
    await mistaken.close();
    expect(mistaken.events.find(({ type }) => type === "failed")).toMatchObject({
      reason: "local new is another key here than for the worker that began users: give both the same configuration",
    });
    expect(mistaken.happened("progress")).toBe(0);
    await using _second = watchedWorker(one);
    expect((await completed(one.fleet)).books).toMatchObject({ scanned: 40, ok: true });
    for (let i = 0; i < 40; i++) await open(one.store.get(`${i}`) as Uint8Array, [one.target], { context: asStored() });
  });

  test("finishes on no verification that accepted more", async () => {
    const one = await subject(connection);
    const stores = { users: one.migration };
    await using _worker = watchedWorker(one);
    const verified = await enqueue(one.fleet, { operation: "verify", stores, partitions: 2, accept: ["quarantined"] });
    expect((await completed(one.fleet, verified)).ok).toBe(true);
    await expect(enqueue(one.fleet, { operation: "finish", stores, verified })).rejects.toThrow(
      `finish refuses: the verification ${verified} accepted quarantined`,
    );
  });

  test("keeps fleets apart whose names and stores make the same words", async () => {
    const [fleet, other] = [
      { connection, queue: "a" },
      { connection, queue: "a.b" },
    ];
    expect(queueName(fleet, "b.c")).not.toBe(queueName(other, "c"));
    const one = await subject(connection);
    await using stranger = watchedWorker({ fleet: other, migration: one.migration }, { stores: { c: () => one.migration } });
    await until(async () => (await fleetStatus(other)).workers.length).toBe(1);
    await enqueue(fleet, { operation: "run", stores: { "b.c": one.migration }, partitions: 2 });
    await using _worker = watchedWorker({ fleet, migration: one.migration }, { stores: { "b.c": () => one.migration } });
    expect((await completed(fleet)).books.scanned).toBe(40);
    expect(stranger.happened("taken")).toBe(0);
  });

  test.each([
    { at: "enqueued", begin: pauseFleet, order: enqueued, meanwhile: resumeFleet, isPaused: false },
    { at: "paused", begin: resumeFleet, order: pauseFleet, meanwhile: resumeFleet, isPaused: false },
    { at: "resumed", begin: pauseFleet, order: resumeFleet, meanwhile: pauseFleet, isPaused: true },
  ])("has its queues as it is itself when somebody else says otherwise while it is $at", async ({ begin, order, meanwhile, isPaused }) => {
    const { fleet, migration } = await subject(connection, { objects: 1 });
    const slow = connection.duplicate();
    // Between a look at the fleet and what follows from it.
    const exists = slow.exists.bind(slow) as (key: string) => Promise<number>;
    let looks = 0;
    slow.exists = (async (key: string) => {
      const found = await exists(key);
      if (looks++ === 0) await meanwhile(fleet);
      return found;
    }) as typeof slow.exists;
    await enqueue(fleet, { operation: "run", stores: { users: migration }, partitions: 1, run: "first" });
    await begin(fleet);
    await order({ ...fleet, connection: slow }, migration);
    expect(looks).toBeGreaterThan(0);
    expect((await fleetStatus(fleet)).isPaused).toBe(isPaused);
    expect(await withQueue(fleet, "users", (queue) => queue.isPaused())).toBe(isPaused);
    slow.disconnect();
  });

  test.each([3_600_000, -3_600_000])("says that a clock is %d ms before that of Redis", async (skewMs) => {
    const one = await subject(connection, { objects: 1 });
    await using right = watchedWorker(one);
    await until(async () => (await fleetStatus(one.fleet)).workers.length).toBe(1);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + skewMs });
    await using wrong = watchedWorker(one);
    await until(() => wrong.happened("clock")).toBe(1);
    vi.useRealTimers();
    const said = wrong.events.find((event) => event.type === "clock");
    expect(Math.abs((said?.aheadMs ?? 0) - skewMs)).toBeLessThan(10_000);
    expect(right.happened("trouble")).toBe(0);
  });

  test("says that Redis takes keys away when it is full", async () => {
    const { fleet } = await subject(connection, { objects: 0 });
    expect((await fleetStatus(fleet)).evicts).toBeUndefined();
    await connection.config("SET", "maxmemory-policy", "allkeys-lru");
    expect((await fleetStatus(fleet)).evicts).toBe("allkeys-lru");
    await connection.config("SET", "maxmemory-policy", "noeviction");
  });

  test("asks a provider in trouble no more once it is paused", async () => {
    const one = await subject(connection, { objects: 4 });
    const { LetterlockError } = await import("@letterlock/core");
    let calls = 0;
    let isAway = true;
    const [old] = one.migration.from;
    const away = {
      ...old,
      unwrap: async (...args: Parameters<NonNullable<typeof old>["unwrap"]>) => {
        calls += 1;
        if (isAway || old === undefined) throw new LetterlockError("unavailable", "away");
        return await old.unwrap(...args);
      },
    } as NonNullable<typeof old>;
    const migration = { ...one.migration, from: [away] };
    await using _worker = watchedWorker({ ...one, migration }, { concurrency: 4, patience: { attempts: 1_000, firstPauseMs: 20 } });
    await enqueue(one.fleet, { operation: "run", stores: { users: migration }, partitions: 1 });
    await until(() => calls).toBeGreaterThan(8);
    await pauseFleet(one.fleet);
    await until(async () => (await fleetStatus(one.fleet)).workers[0]?.state).toBe("paused");
    const before = calls;
    const { seenAt = 0 } = (await fleetStatus(one.fleet)).workers[0] ?? {};
    await until(async () => ((await fleetStatus(one.fleet)).workers[0]?.seenAt ?? 0) - seenAt).toBeGreaterThan(3_000);
    // Each of those under way may have been asked once more when it heard.
    expect(calls - before).toBeLessThanOrEqual(4);
    isAway = false;
    await resumeFleet(one.fleet);
    expect((await completed(one.fleet)).books.classes.migrated).toBe(4);
  });
});
