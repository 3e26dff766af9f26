import { mkdtemp, rm, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { inspect, type Kek } from "@letterlock/core";
import type { EnvelopeStore } from "../../src/index.ts";
import { everything } from "../../src/store-case-objects.ts";
import { type Application, openApplication } from "./application.ts";
import { type Kind, key, type Mutation, openStore, type Setup, troubleOf } from "./crash-setup.ts";
import { type Death, deathIn } from "./deaths.ts";
import { differenceOf, idOf, objectCount, type Plain, sealedObject, sprinkled } from "./objects.ts";
import type { Operation } from "./operations.ts";
import { loadRunner, type Runner } from "./runner.ts";
import { seeded } from "./seeded.ts";

export interface Campaign {
  readonly kills: number;
  /** Objects that another writer changed or deleted while they were migrated. */
  readonly edits: number;
  readonly deaths: ReadonlyMap<Death, number>;
  /** Objects that are not what their last writer wrote, or did not open at some instant, or not with the target alone at the end. */
  readonly lost: readonly string[];
}

/**
 * Kills a migration again and again, while another writer changes and deletes objects; looks at every object after each kill; starts it anew; lets it finish; and compares
 * every plaintext with what its writer wrote last. Two of five deaths are at a drawn operation, the others at a drawn time within the life of a run; in one of three rounds two
 * migrate at once. `server` is the address of a PostgreSQL, for that kind.
 */
export async function crashCampaign(kind: Kind, mutation: Mutation, kills: number, seed: number, server = ""): Promise<Campaign> {
  const random = seeded(seed);
  const folder = await mkdtemp(join(tmpdir(), "letterlock-crash-"));
  const places: Record<Kind, string> = { files: join(folder, "tree"), ndjson: join(folder, "lines.ndjson"), postgres: server };
  const setup: Setup = { kind, place: places[kind], oldSecret: hexOf(random), newSecret: hexOf(random), mutation, ...troubleOf(mutation) };
  const load = (): Runner => loadRunner(setup, join(import.meta.dirname, "../../node_modules/.cache/campaign"));
  let next = load();
  try {
    await using application = await openApplication(setup);
    const [old, target] = [key("old", setup.oldSecret), key("new", setup.newSecret)];
    const untouched = await sprinkled(kind, old, key("stranger", hexOf(random)));
    const plains = new Map<string, Plain>();
    const objects = new Map(untouched);
    for (let i = 0; i < objectCount; i++) {
      const { plain, object } = await sealedObject(kind, i, `object ${i}`, old);
      plains.set(idOf(kind, i), plain);
      objects.set(idOf(kind, i), object);
    }
    await application.fill(objects);
    await using opened = await openStore({ ...setup, mutation: "none" });
    const world: World = { kind, application, store: opened.store, old, plains, untouched, random: seeded(seed + 1) };
    const deaths = new Map<Death, number>();
    const lost: string[] = [];
    let [killed, edits, span] = [0, 0, 300 + 10 * setup.latencyMs];
    while (killed < kills && lost.length === 0) {
      await freshen(world, random);
      const runners = random() < 1 / 3 && killed + 2 <= kills ? [next, load()] : [next];
      next = load();
      const dying = runners.map((runner) => inTime("the death of a runner", die(runner, kind, random, span)));
      const allDead = Promise.all(dying).then(() => unlock(application));
      while (runners.some((runner) => runner.isAlive())) edits += await inTime("a change by the application", edit(world));
      await allDead;
      for (const runner of runners) {
        const death = deathIn(runner.told());
        deaths.set(death, (deaths.get(death) ?? 0) + 1);
        span = 0.9 * span + 0.1 * (runner.firstRunMs() ?? span) * 1.3;
      }
      killed += runners.length;
      for (const one of await losses(world, [target, old])) lost.push(`after kill ${killed}: ${one}`);
    }
    if (lost.length > 0) return { kills: killed, edits, deaths, lost };
    // Others write on while the last but one finishes. What they wrote when it had looked, the last finds.
    for (const more of [6, 0]) {
      const last = next;
      next = load();
      await last.start({ mode: "last", seed });
      for (let left = more; left > 0 && last.isAlive(); left--) edits += await inTime("a change by the application", edit(world));
      await inTime("the end of the last run", last.ended);
    }
    const isVerified = mutation !== "a run that keeps and does not verify";
    lost.push(...(await losses(world, isVerified ? [target] : [target, old], isVerified)));
    return { kills: killed, edits, deaths, lost };
  } finally {
    next.kill();
    await next.ended;
    await rm(folder, { recursive: true, force: true });
  }
}

/** A campaign that stands still says so. */
async function inTime<T>(what: string, waitedFor: Promise<T>): Promise<T> {
  const over = new AbortController();
  const late = wait(90_000, undefined, { signal: over.signal }).then(() => {
    throw new Error(`${what} has not come in 90 s`);
  });
  late.catch(() => undefined);
  return await Promise.race([waitedFor, late]).finally(() => over.abort());
}

interface World {
  readonly kind: Kind;
  readonly application: Application;
  readonly store: EnvelopeStore;
  readonly old: Kek;
  readonly plains: Map<string, Plain>;
  readonly untouched: ReadonlyMap<string, Uint8Array>;
  readonly random: () => number;
}

/** Within `span` milliseconds, or at a drawn operation: short ones as often as long ones. */
async function die(runner: Runner, kind: Kind, random: () => number, span: number): Promise<void> {
  const draw = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
  const operation: Operation = kind === "postgres" ? "update" : draw(diskOperations);
  const death = {
    operation,
    nth: 1 + Math.floor(random() * (kind === "files" ? 8 : 2)),
    instant: draw(["before", "during", "after"] as const),
  };
  const isOwn = random() < 0.4;
  const time = random() * span + (isOwn ? span : 0);
  await runner.start({ mode: draw(["run", "keep"] as const), seed: Math.floor(random() * 2 ** 32), death: isOwn ? death : undefined });
  await Promise.race([wait(time), runner.ended]);
  runner.kill();
  await runner.ended;
}

const diskOperations = ["create", "write", "file sync", "rename", "folder sync", "unlink"] as const;

/** Half of all objects are of the old key again, and what was deleted is there again, so that there is work. Nobody else is alive. */
async function freshen({ kind, application, store, old, plains }: World, random: () => number): Promise<void> {
  const versions = new Map<string, string>();
  for await (const { id, version } of everything(store)) versions.set(id, version);
  const writes: Promise<void>[] = [];
  for (let i = 0; i < objectCount; i++) {
    const id = idOf(kind, i);
    const version = versions.get(id);
    if (version !== undefined && random() < 0.5) continue;
    const { plain, object } = await sealedObject(kind, i, `fresh ${random()}`, old);
    const write = version === undefined ? application.put(id, object) : replaced(store, id, version, object);
    writes.push(write.then(() => void plains.set(id, plain)));
  }
  await Promise.all(writes);
}

async function replaced(store: EnvelopeStore, id: string, version: string, object: Uint8Array): Promise<void> {
  const result = await store.replace(id, version, object);
  if (result !== "replaced") throw new Error(`nobody else was there, and ${id} was ${result}`);
}

/** One change by the application, which still seals for the old key, and takes the lock. Answers how many there were. */
async function edit({ kind, application, store, old, plains, random }: World): Promise<number> {
  const i = Math.floor(random() * objectCount);
  const id = idOf(kind, i);
  try {
    if (application.removes && random() < 0.1 && plains.has(id)) {
      await application.remove(id);
      plains.delete(id);
      return 1;
    }
    const { plain, object } = await sealedObject(kind, i, `changed ${random()}`, old);
    for await (const { id: found, version } of everything(store)) {
      if (found !== id) continue;
      if ((await store.replace(id, version, object)) !== "replaced") return 0;
      plains.set(id, plain);
      return 1;
    }
    return 0;
  } catch (error) {
    // The campaign took the lock of the dead away while this one had it, or was about to.
    if (/has taken the lock|ENOENT.*letterlock-lock/.test(String(error))) return 0;
    throw error;
  }
}

/** Everybody who could hold it is dead. A living one would watch it for ten seconds. */
async function unlock({ lock }: Application): Promise<void> {
  if (lock !== undefined) await rmdir(lock).catch(() => undefined);
}

async function losses({ application, store, plains, untouched }: World, keks: readonly Kek[], isLast = false): Promise<string[]> {
  const lost: string[] = [...(await application.damage())];
  const missing = new Set([...plains.keys(), ...untouched.keys()]);
  for await (const { id, read } of everything(store)) {
    const bytes = await read();
    const plain = plains.get(id);
    const same = untouched.get(id);
    missing.delete(id);
    if (same !== undefined && !Buffer.from(bytes).equals(same)) lost.push(`${id} was to stay as it was`);
    if (same !== undefined) continue;
    const difference = plain === undefined ? "there although it was deleted" : await differenceOf(bytes, plain, keks);
    if (difference !== undefined) lost.push(`${id} is ${difference} and should be "${plain?.text.slice(0, 40)}"`);
    else if (isLast && hasOld(bytes)) lost.push(`${id} still has its old recipient`);
  }
  return [...lost, ...[...missing].map((id) => `${id} is not there`)];
}

function hasOld(bytes: Uint8Array): boolean {
  const isText = Buffer.from(bytes.subarray(0, 4)).toString() === "ltrl";
  const info = inspect(isText ? new Uint8Array(Buffer.from(Buffer.from(bytes).toString().trimEnd(), "base64url")) : bytes);
  return info.type !== "record" && info.header.recipients.some(({ keyRef }) => keyRef === "old");
}

function hexOf(random: () => number): string {
  return Buffer.from(Array.from({ length: 32 }, () => Math.floor(random() * 256))).toString("hex");
}
