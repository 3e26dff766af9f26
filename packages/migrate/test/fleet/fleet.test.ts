import { asStored, open } from "@letterlock/core";
import { requireDebianServer, startRedis } from "@letterlock/servers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { drainFleet, enqueue, fleetStatus, fleetWorker } from "../../src/bullmq.ts";
import { withQueue } from "../../src/fleet/fleet.ts";
import { newKek } from "../support/keys.ts";
import { completed, onlyRun, subject, until, watchedWorker } from "./support/fleet-subject.ts";

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe.runIf(requireDebianServer("redis-server"))("a fleet", () => {
  let connection: Redis;
  beforeAll(async () => {
    connection = new Redis((await running.use(await startRedis())).endpoint, { maxRetriesPerRequest: null });
    running.defer(() => connection.disconnect());
  });

  test("moves everything once, and its books say so", async () => {
    const one = await subject(connection, { objects: 50 });
    const run = await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 5 });
    const workers = [watchedWorker(one), watchedWorker(one)];
    const { books, ok, stores } = await completed(one.fleet, run);
    expect(books).toMatchObject({ scanned: 50, classes: { migrated: 50 }, ok: true });
    expect(ok).toBe(true);
    expect(stores).toMatchObject([
      { store: "users", description: one.store.description, done: stores[0]?.partitions, waiting: 0, missing: 0 },
    ]);
    for (let i = 0; i < 50; i++) {
      const opened = await open(one.store.get(`${i}`) as Uint8Array, [one.target], { context: asStored() });
      expect(Buffer.from(opened).toString()).toBe(`${i}`);
    }
    expect(workers.reduce((sum, worker) => sum + worker.happened("entered"), 0)).toBe(stores[0]?.partitions);
    await Promise.all(workers.map((worker) => worker.drain()));
    expect((await fleetStatus(one.fleet)).workers).toEqual([]);
  });

  test("shows one view while it runs", async () => {
    const one = await subject(connection, { objects: 60, latencyMs: 5 });
    const run = await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 6 });
    await using _worker = watchedWorker(one, { name: "left" });
    const seen: number[] = [];
    for (let status = await fleetStatus(one.fleet, { run }); status.runs[0]?.isComplete !== true; status = await fleetStatus(one.fleet)) {
      const [{ partitions = 0, waiting = 0, active = 0, done = 0, failed = 0, missing = 0 } = {}] = status.runs[0]?.stores ?? [];
      expect(waiting + active + done + failed + missing).toBe(partitions);
      const { scanned = 0, classes } = status.runs[0]?.books ?? {};
      expect(classes?.migrated).toBe(scanned);
      const [worker] = status.workers;
      if (worker?.state !== "working") continue;
      expect(worker).toMatchObject({ name: "left", stores: ["users"], lacks: [] });
      expect(worker.silentMs).toBeLessThan(10_000);
      seen.push(worker.perSecond);
    }
    expect(Math.max(...seen)).toBeGreaterThan(0);
  });

  test("adds nothing twice, and what was left out when it is enqueued again", async () => {
    const one = await subject(connection);
    // Who asks again gets another cut, as from a table that has grown.
    let cut = 3;
    const partitions = (target: number): Promise<readonly string[]> => one.store.partitions(target + cut++);
    const migration = { ...one.migration, store: { ...one.store, partitions } };
    const work = { operation: "run", stores: { users: migration }, partitions: 4, run: "again" } as const;
    expect(await enqueue(one.fleet, work)).toBe("again");
    const [before] = (await onlyRun(one.fleet)).stores;
    // As if whoever enqueued it had been killed in between, and somebody had added objects since.
    await withQueue(one.fleet, "users", async (queue) => queue.remove((await queue.getWaiting())[1]?.id ?? ""));
    one.store.put("more", one.store.get("1") as Uint8Array);
    expect((await onlyRun(one.fleet)).stores[0]?.missing).toBe(1);
    await enqueue(one.fleet, work);
    expect((await onlyRun(one.fleet)).stores).toEqual([before]);
    await using _worker = watchedWorker(one);
    expect((await completed(one.fleet)).books.scanned).toBe(41);
    await enqueue(one.fleet, work);
    expect((await onlyRun(one.fleet)).isComplete).toBe(true);
    await expect(enqueue(one.fleet, { ...work, keep: true })).rejects.toThrow(/run again is there already/);
    const other = { ...one.migration, to: [newKek("other")] };
    await expect(enqueue(one.fleet, { ...work, stores: { users: other } })).rejects.toThrow(/between other keys/);
  });

  test("verifies, and finishes only what was verified", async () => {
    const one = await subject(connection);
    const stores = { users: one.migration };
    await using _worker = watchedWorker(one);
    const early = await enqueue(one.fleet, { operation: "verify", stores, partitions: 4 });
    const { ok, books, stores: verified } = await completed(one.fleet, early);
    expect(ok).toBe(false);
    expect(books.classes.quarantined).toBe(40);
    expect(verified[0]?.verified.notMigrated).toBe(40);
    const finish = { operation: "finish", stores, partitions: 4 } as const;
    await expect(enqueue(one.fleet, { ...finish, verified: early })).rejects.toThrow(
      `finish refuses: the verification ${early} is not clean`,
    );
    await expect(enqueue(one.fleet, { ...finish, verified: "none" })).rejects.toThrow(/finish refuses: none is no verification/);
    const run = await enqueue(one.fleet, { operation: "run", stores, partitions: 4, keep: true });
    await completed(one.fleet, run);
    const clean = await enqueue(one.fleet, { operation: "verify", stores, partitions: 4 });
    expect((await completed(one.fleet, clean)).stores[0]?.verified.withOldRecipients).toBe(40);
    const other = { users: { ...one.migration, to: [newKek("other")] } };
    await expect(enqueue(one.fleet, { ...finish, stores: other, verified: clean })).rejects.toThrow(
      /did not look at users with these keys/,
    );
    const finished = await completed(one.fleet, await enqueue(one.fleet, { ...finish, verified: clean }));
    expect(finished.ok).toBe(true);
    expect(finished.books.classes.migrated).toBe(40);
  });

  test("refuses to finish a partition that is not clean any more, and says so", async () => {
    const one = await subject(connection);
    const stores = { users: one.migration };
    const unmoved = one.store.get("3") as Uint8Array;
    await using worker = watchedWorker(one);
    await completed(one.fleet, await enqueue(one.fleet, { operation: "run", stores, keep: true, partitions: 4 }));
    const verified = await enqueue(one.fleet, { operation: "verify", stores, partitions: 4 });
    await completed(one.fleet, verified);
    one.store.put("3", unmoved);
    const finished = await completed(one.fleet, await enqueue(one.fleet, { operation: "finish", stores, verified, partitions: 4 }));
    expect(finished.ok).toBe(false);
    expect(finished.stores[0]?.refused).toBe(1);
    expect(worker.happened("failed")).toBe(0);
  });

  test("drains: workers end, and partitions that take long go to others", async () => {
    const one = await subject(connection, { objects: 100, latencyMs: 20 });
    await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 2 });
    const first = watchedWorker(one, { drainMs: 100 });
    await until(() => first.happened("progress")).toBeGreaterThan(3);
    await drainFleet(one.fleet);
    await first.ended;
    expect(first.happened("handed-back")).toBe(1);
    expect((await onlyRun(one.fleet)).stores[0]).toMatchObject({ waiting: 2, active: 0 });
    // Who is started after it was drained works.
    await using second = watchedWorker(one, { concurrency: 16 });
    const { books } = await completed(one.fleet);
    expect(books.scanned).toBe(100);
    expect(books.classes.migrated + books.classes.already).toBe(100);
    expect(books.classes.already).toBeGreaterThan(3);
    expect(second.happened("entered")).toBe(2);
  });

  test("finishes what it has when there is time", async () => {
    const one = await subject(connection, { objects: 30, latencyMs: 5 });
    await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 3 });
    const worker = watchedWorker(one);
    await until(() => worker.happened("taken")).toBe(1);
    await worker.drain();
    expect([worker.happened("entered"), worker.happened("handed-back")]).toEqual([1, 0]);
    expect((await onlyRun(one.fleet)).stores[0]).toMatchObject({ done: 1, active: 0 });
  });

  test("needs a connection that waits, and known options", async () => {
    const { fleet, migration } = await subject(connection, { objects: 1 });
    const stores = { users: () => migration };
    const impatient = new Redis(connection.options.port ?? 0, { maxRetriesPerRequest: 3, lazyConnect: true });
    expect(() => fleetWorker({ ...fleet, connection: impatient }, { stores })).toThrow(/maxRetriesPerRequest: null/);
    expect(() => fleetWorker(fleet, { stores: {} })).toThrow(/at least one store/);
    expect(() => fleetWorker(fleet, { stores, lockMs: 0 })).toThrow(RangeError);
    expect(() => fleetWorker({ ...fleet, queue: "a:b" }, { stores })).toThrow(/queue must be/);
    const work = { operation: "run", stores: { users: migration } } as const;
    await expect(enqueue(fleet, { ...work, run: "a b" })).rejects.toThrow(/run must be/);
    await expect(enqueue(fleet, { ...work, partitions: 0 })).rejects.toThrow(RangeError);
    await expect(enqueue(fleet, { ...work, stores: {} })).rejects.toThrow(/at least one store/);
    await expect(enqueue(fleet, { ...work, verified: "x" })).rejects.toThrow(/finish, and nothing else/);
    await expect(enqueue(fleet, { ...work, secret: 1 } as never)).rejects.toThrow(/work has no secret/);
  });
});
