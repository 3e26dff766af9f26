import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { seal } from "@letterlock/core";
import { startAwsKms } from "@letterlock/emulators";
import { requireDebianServer, startRedis } from "@letterlock/servers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cancelRun, enqueue, fleetStatus, pauseFleet, resumeFleet } from "../../src/bullmq.ts";
import { keyPrefix, queueName } from "../../src/fleet/fleet.ts";
import { memoryStore } from "../../src/index.ts";
import { newKek } from "../support/keys.ts";
import { completed, onlyRun, subject, until, watchedWorker } from "./support/fleet-subject.ts";
import { startLastingRedis } from "./support/lasting-redis.ts";

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe.runIf(requireDebianServer("redis-server"))("a fleet in trouble", () => {
  let connection: Redis;
  beforeAll(async () => {
    connection = new Redis((await running.use(await startRedis())).endpoint, { maxRetriesPerRequest: null });
    running.defer(() => connection.disconnect());
  });

  test("makes no provider call while it is paused", async () => {
    await using aws = await startAwsKms();
    const client = new KMSClient({ endpoint: aws.endpoint, region: "us-east-1", credentials: { accessKeyId: "a", secretAccessKey: "s" } });
    const old = awsKms({ client, keyArn: await aws.admin.createKey() });
    const { fleet } = await subject(connection, { objects: 0 });
    const store = memoryStore();
    for (let i = 0; i < 300; i++) store.put(`${i}`, await seal(Buffer.from(`${i}`), [old]));
    const migration = { store, from: [old], to: [newKek("new")] };
    const workers = [watchedWorker({ fleet, migration }), watchedWorker({ fleet, migration })];
    await using _ = { [Symbol.asyncDispose]: async () => void (await Promise.all(workers.map((worker) => worker.close()))) };
    await enqueue(fleet, { operation: "run", stores: { users: migration }, partitions: 2 });
    await until(() => workers.every((worker) => worker.happened("progress") > 0)).toBe(true);
    await pauseFleet(fleet);
    await until(async () => (await fleetStatus(fleet)).workers.map(({ state }) => state)).toEqual(["paused", "paused"]);
    // A store that is new to the fleet is paused too.
    await enqueue(fleet, { operation: "run", stores: { others: migration }, partitions: 1 });
    const progress = (): number => workers.reduce((sum, worker) => sum + worker.happened("progress"), 0);
    // What had begun when they heard of it is finished.
    const seen: number[] = [];
    await until(() => seen.push(progress()) > 1 && seen.at(-1) === seen.at(-2)).toBe(true);
    aws.admin.takeRequests();
    const { seenAt = 0 } = (await fleetStatus(fleet)).workers[0] ?? {};
    await until(async () => ((await fleetStatus(fleet)).workers[0]?.seenAt ?? 0) - seenAt).toBeGreaterThan(500);
    expect(aws.admin.takeRequests()).toEqual([]);
    const { isPaused, runs } = await fleetStatus(fleet);
    expect(isPaused).toBe(true);
    expect(runs.flatMap(({ stores }) => stores.map(({ done, active }) => done + active)).sort()).toEqual([0, 2]);
    expect(runs.some(({ isComplete }) => isComplete)).toBe(false);
    await resumeFleet(fleet);
    const run = runs.find(({ stores }) => stores[0]?.store === "users")?.run;
    expect((await completed(fleet, run)).books).toMatchObject({ scanned: 300, ok: true });
    client.destroy();
  });

  test("tries a partition again whose store is away, and says why", async () => {
    const one = await subject(connection);
    let isAway = true;
    const away = {
      ...one.store,
      scan: (...args: Parameters<typeof one.store.scan>) => {
        if (isAway) throw new Error("connect ECONNREFUSED postgres://app:h/un@ter2@db.example.com/app");
        return one.store.scan(...args);
      },
    };
    const migration = { ...one.migration, store: away };
    await using worker = watchedWorker({ ...one, migration });
    await enqueue(one.fleet, { operation: "run", stores: { users: migration }, partitions: 4 });
    await until(() => worker.happened("failed")).toBeGreaterThan(8);
    await until(async () => (await onlyRun(one.fleet)).stores[0]?.troubles[0]?.attempts).toBeGreaterThan(1);
    const [{ done, troubles } = { done: -1, troubles: [] }] = (await onlyRun(one.fleet)).stores;
    expect(done).toBe(0);
    expect(troubles[0]?.reason).toBe("connect ECONNREFUSED postgres://db.example.com/app");
    const { run } = await onlyRun(one.fleet);
    const jobs = await connection.keys(`${keyPrefix}:${queueName(one.fleet, "users")}:${run}.users.*.0`);
    expect(jobs).toHaveLength(1);
    expect(JSON.stringify(await connection.hgetall(jobs[0] ?? ""))).not.toContain("ter2");
    isAway = false;
    expect((await completed(one.fleet)).books).toMatchObject({ scanned: 40, ok: true });
  });

  test("opens a store again that could not be opened", async () => {
    const one = await subject(connection);
    let tries = 0;
    const stores = {
      users: () => {
        tries += 1;
        if (tries < 3) throw new Error("no such host");
        return one.migration;
      },
    };
    await using worker = watchedWorker(one, { stores });
    await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 1 });
    expect((await completed(one.fleet)).books.scanned).toBe(40);
    expect([tries, worker.happened("failed")]).toEqual([3, 2]);
  });

  test("leaves partitions to others when it lacks their store, and says so", async () => {
    const one = await subject(connection);
    const lacking = watchedWorker(one, { stores: { uploads: () => one.migration } });
    await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 4 });
    await until(() => lacking.happened("lacks")).toBe(1);
    await until(async () => (await fleetStatus(one.fleet)).workers[0]?.lacks).toEqual(["users"]);
    expect(lacking.events).toContainEqual({ type: "lacks", store: "users" });
    expect((await onlyRun(one.fleet)).stores[0]).toMatchObject({ waiting: (await onlyRun(one.fleet)).stores[0]?.partitions });
    await using worker = watchedWorker(one);
    expect((await completed(one.fleet)).books.scanned).toBe(40);
    expect(lacking.happened("taken")).toBe(0);
    expect(worker.happened("lacks")).toBe(0);
    await lacking.close();
  });

  test("does nothing with keys that are not those of the run", async () => {
    const one = await subject(connection);
    const mistaken = { ...one.migration, to: [newKek("other")] };
    await using worker = watchedWorker({ ...one, migration: mistaken });
    await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 2 });
    await until(() => worker.happened("failed")).toBeGreaterThan(2);
    expect(worker.happened("progress")).toBe(0);
    expect(worker.events.find(({ type }) => type === "failed")).toMatchObject({
      reason:
        "this worker moves users from local old to local other, and the run from local old to local new: give both the same configuration",
    });
    await using _right = watchedWorker(one);
    await worker.close();
    expect((await completed(one.fleet)).books.classes.migrated).toBe(40);
  });

  test("enters the books of a partition once, however often its lock was lost", async () => {
    const one = await subject(connection, { objects: 60, latencyMs: 40 });
    const run = await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 1 });
    const workers = [watchedWorker(one), watchedWorker(one)];
    const count = (type: "progress" | "lost" | "entered"): number => workers.reduce((sum, worker) => sum + worker.happened(type), 0);
    for (let losses = 1; losses <= 3; losses++) {
      const before = count("progress");
      await until(() => count("progress")).toBeGreaterThan(before + 2);
      // As after a long stop of the process or of the network.
      expect(await connection.del(...(await connection.keys(`${keyPrefix}:${queueName(one.fleet, "users")}:${run}.users.*.0:lock`)))).toBe(
        1,
      );
      await until(() => count("lost")).toBe(losses);
    }
    expect((await completed(one.fleet)).books.scanned).toBe(60);
    await Promise.all(workers.map((worker) => worker.close()));
    expect(count("entered")).toBe(1);
  });

  test("ends what is cancelled, and forgets it", async () => {
    const one = await subject(connection, { objects: 100, latencyMs: 20 });
    const run = await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 4 });
    await using worker = watchedWorker(one);
    await until(() => worker.happened("progress")).toBeGreaterThan(2);
    await cancelRun(one.fleet, run);
    // Once, or again for a partition that it takes before it hears.
    await until(() => worker.happened("cancelled")).toBeGreaterThan(0);
    expect((await fleetStatus(one.fleet)).runs).toEqual([]);
    await until(() => connection.keys(`${keyPrefix}:*${run}*`)).toEqual([]);
    await expect(cancelRun(one.fleet, run)).rejects.toThrow(`there is no run ${run}`);
  });

  test("counts every exception, and keeps the first hundred", async () => {
    const one = await subject(connection, { objects: 0 });
    for (let i = 0; i < 250; i++) one.store.put(`${i}`, Buffer.from("not ours"));
    await using _worker = watchedWorker(one);
    await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 5 });
    const { books, ok } = await completed(one.fleet);
    expect(books.classes.foreign).toBe(250);
    expect(books.exceptions).toHaveLength(100);
    expect(ok).toBe(false);
    const accepted = await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 5, accept: ["foreign"] });
    expect((await completed(one.fleet, accepted)).ok).toBe(true);
  });

  test("says once that Redis is full, and goes on when it is not", async () => {
    await using redis = await startRedis();
    const full = new Redis(redis.endpoint, { maxRetriesPerRequest: null });
    const one = await subject(full);
    await using worker = watchedWorker(one);
    await until(async () => (await fleetStatus(one.fleet)).workers.length).toBe(1);
    await full.config("SET", "maxmemory", "1");
    await full.set("more", "1").catch(() => undefined);
    await until(async () => Number(/errorstat_OOM:count=(\d+)/.exec(await full.info("errorstats"))?.[1] ?? 0)).toBeGreaterThan(100);
    await until(() => worker.happened("trouble")).toBeGreaterThan(0);
    const said = worker.events.flatMap((event) => (event.type === "trouble" ? [event.reason] : []));
    expect(said).toEqual([...new Set(said)]);
    await full.config("SET", "maxmemory", "0");
    const run = await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 3 });
    expect((await completed(one.fleet, run)).books).toMatchObject({ scanned: 40, ok: true });
    await worker.close();
    full.disconnect();
  });

  test("ends where Redis does not let it say so", async () => {
    await connection.call("ACL", "SETUSER", "worker", "on", ">secret", "~*", "+@all");
    const limited = connection.duplicate({ username: "worker", password: "secret" });
    const one = await subject(limited);
    const worker = watchedWorker(one);
    await until(async () => (await fleetStatus(one.fleet)).workers.length).toBe(1);
    await connection.call("ACL", "SETUSER", "worker", "-hdel");
    await worker.drain();
    await worker.ended;
    expect(worker.events.at(-1)).toMatchObject({ type: "trouble", reason: expect.stringContaining("hdel") });
    limited.disconnect();
  });

  test("goes on after Redis was restarted", async () => {
    await using redis = await startLastingRedis();
    const lasting = new Redis(redis.endpoint, { maxRetriesPerRequest: null });
    lasting.on("error", () => undefined);
    const one = await subject(lasting, { objects: 80, latencyMs: 20 });
    const run = await enqueue(one.fleet, { operation: "run", stores: { users: one.migration }, partitions: 4 });
    const worker = watchedWorker(one);
    await until(() => worker.happened("progress")).toBeGreaterThan(30);
    await redis.restart();
    const { books } = await completed(one.fleet, run);
    expect(books.scanned).toBe(80);
    expect(books.classes.migrated + books.classes.already).toBe(80);
    await worker.close();
    lasting.disconnect();
  });
});
