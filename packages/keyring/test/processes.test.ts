import { type ChildProcess, fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect, localKek } from "@letterlock/core";
import { requireDebianServer, startPostgres } from "@letterlock/servers";
import type { Client } from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { createKeyring, fileKeyStore, type KeyStore, postgresKeyStore, postgresKeyTable } from "../src/index.ts";
import { collect, disposedLater } from "./support/rings.ts";
import { type Assignment, type Outcome, sharedContext } from "./support/sealing-process.ts";

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const places: Record<string, () => Promise<{ readonly store: KeyStore; readonly place: Pick<Assignment, "folder" | "port"> }>> = {
  files: async () => {
    const folder = await mkdtemp(join(tmpdir(), "letterlock-processes-"));
    running.defer(() => rm(folder, { recursive: true }));
    return { store: fileKeyStore(folder), place: { folder } };
  },
};
if (requireDebianServer("postgresql")) {
  places.PostgreSQL = async () => {
    const port = Number(new URL(running.use(await startPostgres()).endpoint).port);
    const { default: Connection } = (await import("pg/lib/client.js" as string)) as { default: typeof Client };
    const client = new Connection({ host: "127.0.0.1", port, user: "postgres" });
    await client.connect();
    running.defer(() => client.end());
    await client.query(postgresKeyTable());
    return { store: postgresKeyStore({ client }), place: { port } };
  };
}

describe.each(Object.keys(places))("20 processes that start together, on %s", (name) => {
  test.each([
    ["make one key for 1,000 messages, and adopt it", { messages: 50, messagesOfKey: 1_000_000 }],
    ["replace a key that is used up, and seal nothing under one that the store does not have", { messages: 50, messagesOfKey: 10 }],
  ])("%s", { timeout: 120_000 }, async (_title, work) => {
    const { store, place } = (await places[name]?.()) ?? expect.unreachable();
    const secret = randomBytes(32);
    const outcomes = await together(20, { ...place, ...work, secret: secret.toString("base64") });
    const records = outcomes.flatMap((outcome) => outcome.records.map((text) => new Uint8Array(Buffer.from(text, "base64"))));
    expect(records).toHaveLength(1_000);
    const stored = await collect(store.list());
    const used = new Set(records.map((record) => inspect(record).keyId));
    expect(stored.map(({ keyId }) => keyId)).toEqual(expect.arrayContaining([...used]));
    expect(stored.map(({ sequence }) => sequence).toSorted((a, b) => a - b)).toEqual(stored.map((_, i) => i + 1));
    if (work.messagesOfKey > 1_000) {
      expect(used.size).toBe(1);
      expect(stored).toHaveLength(1);
      for (const { calls } of outcomes) expect(calls.length).toBeLessThanOrEqual(2);
    }
    const kek = localKek({ name: "shared", secret: new Uint8Array(secret) });
    const policy = { memory: { maxAgeMs: 60_000, maxKeys: 1_000 } };
    const ring = disposedLater(createKeyring({ keks: [kek], store, policy }));
    for (const [i, record] of records.entries()) {
      expect(Buffer.from(await ring.open(record, { context: sharedContext, aad: "" })).toString()).toBe(`message ${i % 50}`);
    }
  });
});

/** All are told to go when all are ready. */
async function together(count: number, assignment: Assignment): Promise<Outcome[]> {
  const program = join(import.meta.dirname, "support", "sealing-process.ts");
  const execArgv = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
  const processes = Array.from({ length: count }, () => fork(program, { execArgv }));
  try {
    await Promise.all(processes.map((child) => said(child, assignment)));
    return await Promise.all(processes.map((child) => said<Outcome>(child, "go")));
  } finally {
    for (const child of processes) child.kill();
  }
}

function said<T>(child: ChildProcess, word: Assignment | "go"): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  child.once("message", (answer: T) => resolve(answer));
  child.once("exit", (code) => reject(new Error(`a process ended with ${code}`)));
  child.send(word);
  return promise;
}
