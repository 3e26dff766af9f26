import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import type { FleetStatus } from "@letterlock/migrate/bullmq";
import { requireDebianServer, startRedis } from "@letterlock/servers";
import { Redis } from "ioredis";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { sharedQuota } from "../src/fleet/shared-quota.ts";
import { ended, letterlock, type Ran, start, workFolder } from "./letterlock-command.ts";
import { configure, keyFile, openedFiles, sealedFiles } from "./migration-folder.ts";

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

function until<T>(look: () => T): ReturnType<typeof expect.poll<T>> {
  return expect.poll(look, { timeout: 60_000 });
}

/** What a process says of errors, so far. */
function errorsOf(process: ChildProcess): () => string {
  const said: string[] = [];
  process.stderr?.on("data", (chunk: Buffer) => void said.push(String(chunk)));
  return () => said.join("");
}

describe("a queue that is away", () => {
  it("is unavailable, and its password is not said", async () => {
    const folder = workFolder();
    for (const words of [["status"], ["pause"], ["cancel", "x"]]) {
      const { status, stderr } = await letterlock(folder, ["migrate", ...words, "--queue", "redis://app:hunter2@127.0.0.1:1/3"]);
      expect(stderr).toContain("the queue redis://127.0.0.1:1/3 failed (ECONNREFUSED)");
      expect(stderr).not.toContain("hunter2");
      expect(status).toBe(5);
    }
  });
});

describe("what cannot be asked of a queue", () => {
  it.each([
    [["run", "--report", "a.html"], "a report is of one process"],
    [["verify", "--concurrency", "4"], "`migrate worker --concurrency`"],
    [["run", "--partitions", "many"], "--partitions needs a whole number of at least 1"],
    [["run", "--keep", "--blind"], "--blind and --keep"],
    [["finish"], "--verified RUN"],
    [["status", "--wait"], "--run RUN"],
    [["worker", "--grace", "0"], "--grace needs a whole number of at least 1: seconds"],
  ])("%j is wrong usage", async (words, message) => {
    const { status, stdout, stderr } = await letterlock(workFolder(), ["migrate", ...words, "--queue", "redis://127.0.0.1:1"]);
    expect(stderr).toContain(message);
    expect([status, stdout]).toEqual([2, ""]);
  });
});

describe.runIf(requireDebianServer("redis-server"))("workers of a queue", { timeout: 120_000 }, () => {
  let server = "";
  beforeAll(async () => {
    server = running.use(await startRedis()).endpoint;
  });
  let queues = 0;

  interface Place {
    readonly folder: string;
    readonly queue: string;
    migrate(...words: readonly string[]): Promise<Ran>;
    status(run?: string): Promise<FleetStatus>;
    worker(...words: readonly string[]): { readonly process: ChildProcess; readonly ended: Promise<Ran> };
    moved(): Promise<number>;
  }

  async function place(files: number, more: object = {}): Promise<Place> {
    const folder = workFolder();
    const queue = `${server}?queue=cli-${queues++}`;
    const [old, target] = [keyFile(folder, "old"), keyFile(folder, "new")];
    const uploads = join(folder, "uploads");
    await sealedFiles(uploads, files, [old]);
    const stores = { uploads: { type: "files", folder: "uploads" } };
    configure(folder, { keks: { old: "local:old.key", new: "local:new.key" }, from: ["old"], to: ["new"], stores, ...more });
    const migrate = (...words: readonly string[]): Promise<Ran> => letterlock(folder, ["migrate", ...words, "--queue", queue]);
    return {
      folder,
      queue,
      migrate,
      async status(run) {
        const { stdout } = await migrate("status", "--json", ...(run === undefined ? [] : ["--run", run]));
        return JSON.parse(stdout) as FleetStatus;
      },
      worker(...words) {
        const process = start(["migrate", "worker", "--queue", queue, ...words], folder);
        onTestFinished(() => void process.kill("SIGKILL"));
        return { process, ended: ended(process) };
      },
      moved: () => openedFiles(uploads, target),
    };
  }

  it("move what is queued, and end well when they are drained", async () => {
    const { migrate, status, worker, moved } = await place(60);
    const workers = [worker(), worker("--json")];
    const enqueued = await migrate("run", "--partitions", "6", "--run", "first", "--wait");
    expect(enqueued.stderr).toBe("");
    expect(enqueued.stdout).toContain(`run first is queued at ${server}/0?queue=`);
    expect(enqueued.stdout).toContain("run first: complete\n  uploads: ");
    expect(enqueued.stdout).toMatch(/60 objects, .*: 60 migrated/);
    expect(enqueued.status).toBe(0);
    expect(await moved()).toBe(60);
    await until(async () => (await status()).workers.length).toBe(2);
    const forPeople = await migrate("status");
    expect(forPeople.stdout).toMatch(/worker .*: idle; .*last sign of life/);
    expect(forPeople.status).toBe(0);
    expect((await migrate("drain")).status).toBe(0);
    const ends = await Promise.all(workers.map((one) => one.ended));
    expect(ends.map((end) => [end.status, end.stderr])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    expect(ends[0]?.stdout).toContain("draining");
    expect(
      ends[1]?.stdout
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { readonly type: string }).type),
    ).toContain("draining");
    expect((await status()).workers).toEqual([]);
  });

  it("end well after SIGTERM", async () => {
    const { status, worker } = await place(1);
    const one = worker();
    await until(async () => (await status()).workers.length).toBe(1);
    one.process.kill("SIGTERM");
    expect((await one.ended).status).toBe(0);
    expect((await status()).workers).toEqual([]);
  });

  it("keep one quota together", async () => {
    const objects = 60;
    const perSecond = 15;
    const { migrate, worker, moved, status } = await place(objects, { rates: { old: { perSecond, burst: 1 } } });
    worker();
    worker();
    await until(async () => (await status()).workers.length).toBe(2);
    const began = performance.now();
    expect((await migrate("run", "--partitions", "6", "--wait")).status).toBe(0);
    // Each object takes one call of the old key.
    expect(performance.now() - began).toBeGreaterThan(((objects - 1) * 1_000) / perSecond);
    expect(await moved()).toBe(objects);
  });

  it("verify, and finish what is clean", async () => {
    const { migrate, worker } = await place(20);
    worker();
    const early = await migrate("verify", "--run", "early", "--wait", "--partitions", "3");
    expect(early.stderr).toContain("early: no-matching-kek: 20 quarantined");
    expect(early.status).toBe(4);
    const refused = await migrate("finish", "--verified", "early");
    expect(refused.stderr).toContain("finish refuses: the verification early is not clean");
    expect(refused.status).toBe(1);
    expect((await migrate("finish")).stderr).toContain("--verified RUN");
    expect((await migrate("run", "--keep", "--wait", "--partitions", "3")).status).toBe(0);
    expect((await migrate("verify", "--run", "clean", "--wait", "--partitions", "3")).status).toBe(0);
    const finished = await migrate("finish", "--verified", "clean", "--wait", "--partitions", "3");
    expect(finished.stderr).toBe("");
    expect(finished.stdout).toMatch(/20 objects, .*: 20 rid of old recipients/);
    expect(finished.status).toBe(0);
  });

  it("hold while the fleet is paused, and forget what is cancelled", async () => {
    const { migrate, worker, status, moved } = await place(10);
    expect((await migrate("pause")).stdout).toContain("is paused");
    worker();
    await until(async () => (await status()).workers[0]?.state).toBe("paused");
    await migrate("run", "--run", "unwanted", "--partitions", "3");
    const [run] = (await status("unwanted")).runs;
    expect(run?.stores).toMatchObject([{ done: 0, waiting: run?.stores[0]?.partitions }]);
    expect((await migrate("cancel", "unwanted")).status).toBe(0);
    expect((await migrate("cancel", "unwanted")).stderr).toContain("there is no run unwanted");
    expect((await status()).runs).toEqual([]);
    expect(await moved()).toBe(0);
    await migrate("run", "--run", "wanted", "--partitions", "3");
    expect((await migrate("resume")).status).toBe(0);
    expect((await migrate("status", "--run", "wanted", "--wait")).status).toBe(0);
    expect(await moved()).toBe(10);
  });

  it("say that a partition failed, and which store they lack", async () => {
    const { folder, migrate, worker, queue } = await place(3);
    await migrate("run", "--run", "first", "--partitions", "2");
    const other = workFolder();
    const [old, target] = [keyFile(other, "old"), keyFile(other, "new")];
    await sealedFiles(join(other, "others"), 1, [old, target]);
    const keks = { keks: { old: "local:old.key", new: "local:new.key" }, from: ["old"], to: ["new"] };
    configure(other, { ...keks, stores: { others: { type: "files", folder: "others" } } });
    const lacking = start(["migrate", "worker", "--queue", queue], other);
    onTestFinished(() => void lacking.kill("SIGKILL"));
    const said = errorsOf(lacking);
    await until(said).toContain("partitions of uploads wait, and this configuration does not have that store");
    configure(folder, { ...keks, from: ["local:third.key"], stores: { uploads: { type: "files", folder: "uploads" } } });
    keyFile(folder, "third");
    const mistaken = worker();
    const complaint = errorsOf(mistaken.process);
    await until(complaint).toContain("this worker moves uploads from local third to local new, and the run from local old to local new");
  });

  it("say what keeps a run back, and once that Redis takes keys away", async () => {
    const { migrate, queue, folder } = await place(2);
    const connection = new Redis(server);
    await connection.config("SET", "maxmemory-policy", "allkeys-lru");
    onTestFinished(async () => {
      await connection.config("SET", "maxmemory-policy", "noeviction");
      connection.disconnect();
    });
    await migrate("pause");
    const waiting = start(["migrate", "run", "--run", "held", "--wait", "--queue", queue], folder);
    onTestFinished(() => void waiting.kill("SIGKILL"));
    const said = errorsOf(waiting);
    await until(said).toContain("the fleet is paused: `migrate resume` lets it go on");
    await until(said).toContain("no worker has uploads: start `migrate worker`");
    const status = await migrate("status", "--json");
    expect(status.stderr.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(status.stderr)).toMatchObject({ evicts: "allkeys-lru" });
    waiting.kill("SIGTERM");
    await until(() => waiting.exitCode).toBe(130);
    const lines = said().trim().split("\n");
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines[0]).toMatch(/takes keys away when it is full \(maxmemory-policy allkeys-lru\).*: set noeviction$/);
  });

  it("do not begin without rights", async () => {
    const { folder } = await place(1);
    const connection = new Redis(server);
    await connection.call("ACL", "SETUSER", "few", "on", ">secret", "~other:*", "+@all");
    connection.disconnect();
    const words = ["migrate", "worker", "--queue", server.replace("//", "//few:secret@")];
    const { status, stdout, stderr } = await letterlock(folder, words);
    expect(stderr).toMatch(/^(?!.*secret).*the user needs everything on the keys letterlock:\*/);
    expect([status, stdout]).toEqual([4, ""]);
  });

  it("count a quota of a fraction too", async () => {
    const connection = new Redis(server);
    await connection.ping();
    const slow = sharedQuota(connection, { quota: "slow", perSecond: 0.5, burst: 1 });
    await slow.consume("slow");
    const refusal = (await slow.consume("slow").catch((error: unknown) => error)) as { readonly msBeforeNext: number };
    expect(refusal.msBeforeNext).toBeGreaterThan(1_000);
    expect(refusal.msBeforeNext).toBeLessThanOrEqual(2_000);
    connection.disconnect();
  });
});
