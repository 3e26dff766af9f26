import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { asStored, fromText, type Kek, open, seal, toText } from "@letterlock/core";
import type { EnvelopeStore } from "../../src/index.ts";
import { everything } from "../../src/store-case-objects.ts";
import { connectAll } from "../support/postgres-connections.ts";
import { type Kind, key, type Mutation, openStore, type Setup } from "./crash-setup.ts";
import { seeded } from "./seeded.ts";

export interface Campaign {
  readonly kills: number;
  /** Objects that another writer changed while they were migrated. */
  readonly edits: number;
  /** Objects that are not what their last writer wrote, or do not open with the target alone. */
  readonly lost: readonly string[];
}

const objects = 24;

/**
 * Kills a migration again and again at random instants, while another writer changes objects, starts it anew, lets it finish, and compares every plaintext with what its
 * writer wrote last. `server` is the address of a PostgreSQL, for that kind.
 */
export async function crashCampaign(kind: Kind, mutation: Mutation, kills: number, seed: number, server = ""): Promise<Campaign> {
  const random = seeded(seed);
  const folder = await mkdtemp(join(tmpdir(), "letterlock-crash-"));
  try {
    const places: Record<Kind, string> = { files: join(folder, "tree"), ndjson: join(folder, "lines.ndjson"), postgres: server };
    const place = places[kind];
    const setup: Setup = { kind, place, oldSecret: hexOf(random), newSecret: hexOf(random), mutation };
    const old = key("old", setup.oldSecret);
    const expected = await fill(setup, old);
    await using opened = await openStore({ ...setup, mutation: "none" });
    const writer = { setup, store: opened.store, old, expected, random };
    let edits = 0;
    for (let kill = 0; kill < kills; kill++) {
      const child = await startChild(setup);
      const dies = wait(random() * 400).then(() => child.process.kill("SIGKILL"));
      while (isAlive(child)) edits += await edit(writer, child);
      await dies;
      await unlock(setup);
    }
    const last = await startChild(setup, "once");
    await last.ended;
    if (last.process.exitCode !== 0) throw new Error(`the last run ended with ${last.process.exitCode ?? last.process.signalCode}`);
    return { kills, edits, lost: await losses(setup, opened.store, expected) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<unknown>;
}

async function startChild(setup: Setup, ...more: string[]): Promise<Child> {
  const program = join(import.meta.dirname, "crash-child.ts");
  const child = spawn(process.execPath, ["--conditions=source", program, JSON.stringify(setup), ...more], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), ended]);
  return { process: child, ended };
}

function isAlive({ process: { exitCode, signalCode } }: Child): boolean {
  return exitCode === null && signalCode === null;
}

async function fill({ kind, place }: Setup, old: Kek): Promise<Map<string, string>> {
  const expected = new Map(Array.from({ length: objects }, (_, i) => [idOf(kind, i), `object ${i}`]));
  if (kind === "files") {
    for (const [id, text] of expected) {
      await mkdir(dirname(join(place, id)), { recursive: true });
      await writeFile(join(place, id), await sealed(text, old));
    }
    return expected;
  }
  if (kind === "postgres") {
    const connection = await connectAll(place, 1);
    await connection.query("DROP TABLE IF EXISTS users");
    await connection.query("CREATE TABLE users (id text PRIMARY KEY, ssn bytea)");
    for (const [id, text] of expected)
      await connection.query("INSERT INTO users VALUES ($1, $2)", [JSON.parse(id)[0], await sealed(text, old)]);
    await connection.end();
    return expected;
  }
  const lines: string[] = [];
  for (const [i, text] of [...expected.values()].entries())
    lines.push(`${JSON.stringify({ id: i, n: 1e21, ssn: toText(await sealed(text, old)) })}\n`);
  await writeFile(place, lines.join(""));
  return expected;
}

function idOf(kind: Kind, i: number): string {
  return { files: `folder ${i % 4}/${i}`, ndjson: `${i}/ssn`, postgres: `["${i}"]` }[kind];
}

function sealed(text: string, old: Kek): Promise<Uint8Array> {
  return seal(Buffer.from(text), [old], { context: { table: "users" } });
}

interface Writer {
  readonly setup: Setup;
  readonly store: EnvelopeStore;
  readonly old: Kek;
  readonly expected: Map<string, string>;
  readonly random: () => number;
}

/** One change by the application, which still seals for the old key, and takes the lock. */
async function edit({ setup, store, old, expected, random }: Writer, child: Child): Promise<number> {
  const id = idOf(setup.kind, Math.floor(random() * objects));
  const text = `changed ${random()}`;
  const object = await sealed(text, old);
  for await (const found of everything(store)) {
    if (found.id !== id) continue;
    const bytes = setup.kind === "ndjson" ? Buffer.from(toText(object)) : object;
    const writing = store.replace(id, found.version, bytes);
    // A lock of somebody who was killed is taken over after ten seconds; here it is known that he is dead.
    const result = await Promise.race([writing, child.ended.then(() => unlock(setup)).then(() => writing)]);
    if (result === "replaced") expected.set(id, text);
    return result === "replaced" ? 1 : 0;
  }
  return 0;
}

/** Makes a lock old, so that the next one takes it over. */
async function unlock({ kind, place }: Setup): Promise<void> {
  if (kind === "postgres") return;
  const lock = kind === "files" ? join(place, ".letterlock-lock") : join(dirname(place), ".lines.ndjson.letterlock-lock");
  await utimes(lock, new Date(0), new Date(0)).catch(() => undefined);
}

async function losses(setup: Setup, store: EnvelopeStore, expected: ReadonlyMap<string, string>): Promise<string[]> {
  const target = key("new", setup.newSecret);
  const lost: string[] = [];
  const missing = new Set(expected.keys());
  for await (const { id, read } of everything(store)) {
    missing.delete(id);
    const stored = Buffer.from(await read());
    const object = setup.kind === "ndjson" ? fromText(stored.toString()) : stored;
    const text = await open(object, [target], { context: asStored() }).then((bytes) => Buffer.from(bytes).toString(), String);
    if (text !== expected.get(id)) lost.push(`${id}: ${text} instead of ${expected.get(id)}`);
  }
  if (setup.kind === "ndjson") {
    const lines = (await readFile(setup.place, "utf8")).split("\n").slice(0, -1);
    for (const [i, line] of lines.entries()) if (!line.startsWith(`{"id":${i},"n":1e+21,"ssn":"`)) lost.push(`line ${i} is another`);
  }
  return [...lost, ...[...missing].map((id) => `${id} is not there`)];
}

function hexOf(random: () => number): string {
  return Buffer.from(Array.from({ length: 32 }, () => Math.floor(random() * 256))).toString("hex");
}
