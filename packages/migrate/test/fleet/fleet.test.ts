import { asStored, open, seal } from "@letterlock/core";
import { requireDebianServer, startRedis } from "@letterlock/servers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { enqueue, type Fleet, type FleetEvent, fleetStatus, fleetWorker } from "../../src/bullmq.ts";
import { type Migration, memoryStore } from "../../src/index.ts";
import { newKek } from "../support/keys.ts";

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe.runIf(requireDebianServer("redis-server"))("a fleet", () => {
  let connection: Redis;
  beforeAll(async () => {
    connection = new Redis((await running.use(await startRedis())).endpoint, { maxRetriesPerRequest: null });
    running.defer(() => connection.disconnect());
  });

  test("moves what one worker takes", async () => {
    const fleet: Fleet = { connection, queue: "one" };
    const [old, target] = [newKek("old"), newKek("new")];
    const store = memoryStore();
    for (let i = 0; i < 50; i++) store.put(`${i}`, await seal(Buffer.from(`${i}`), [old]));
    const migration: Migration = { store, from: [old], to: [target] };
    const run = await enqueue(fleet, { operation: "run", stores: { users: migration }, partitions: 5 });
    const events: FleetEvent[] = [];
    await using worker = fleetWorker(fleet, { stores: { users: () => migration }, beatMs: 50, onEvent: (event) => events.push(event) });
    await expect.poll(async () => (await fleetStatus(fleet, { run })).runs[0]?.isComplete).toBe(true);
    const { runs, workers } = await fleetStatus(fleet);
      JSON.stringify({ runs, workers }, null, 1),
      events.filter(({ type }) => type !== "progress"),
    );
    expect(runs[0]?.books).toMatchObject({ scanned: 50, classes: { migrated: 50 }, ok: true });
    expect(Buffer.from(await open(store.get("7") as Uint8Array, [target], { context: asStored() })).toString()).toBe("7");
    await worker.drain();
    expect((await fleetStatus(fleet)).workers).toEqual([]);
  });
});
