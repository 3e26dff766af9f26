import { asStored, open, seal } from "@letterlock/core";
import { requireDebianServer, startPostgres } from "@letterlock/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type EnvelopeStore, postgresStore, run } from "../../src/index.ts";
import type { PostgresClient } from "../../src/postgres-table.ts";
import { everything } from "../../src/store-case-objects.ts";
import { newKek } from "../support/keys.ts";
import { connectOnce, type OneConnection } from "../support/one-connection.ts";

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const count = 300;
const [old, target] = [newKek("old"), newKek("new")];

/**
 * A process of the server is killed, and the server goes down with its memory and recovers from its log: whatever had not reached the log is lost, as after a power failure.
 */
describe.skipIf(!requireDebianServer("postgresql"))("a PostgreSQL that goes down in the middle of a run", () => {
  let endpoint = "";
  beforeAll(async () => {
    ({ endpoint } = running.use(await startPostgres()));
  });

  /** Runs until the server is down, waits until it is up, and tells what it was told to be replaced and is not. */
  async function crashed(table: string, prepare: readonly string[]): Promise<readonly string[]> {
    const owner = await connectOnce(endpoint);
    await owner.query(`CREATE TABLE ${table} (id int PRIMARY KEY, secret bytea)`);
    for (let i = 0; i < count; i++)
      await owner.query(`INSERT INTO ${table} VALUES ($1, $2)`, [i, Buffer.from(await seal(Buffer.from(`object ${i}`), [old]))]);
    await owner.query("CHECKPOINT");
    const connection = await connectOnce(endpoint);
    for (const statement of prepare) await connection.query(statement);
    const replaced = new Set<string>();
    const books = await run(
      { store: watched(table, connection, replaced, () => void process.kill(owner.pid, "SIGKILL")), from: [old], to: [target] },
      { concurrency: 4, patience: { attempts: 1 } },
    ).catch((error: unknown) => error);
    // A page that could not be fetched ends the run; otherwise what was not written is failed.
    if (!(books instanceof Error)) expect(books).toMatchObject({ ok: false, codes: { store: count - replaced.size } });
    expect(replaced.size).toBeGreaterThan(0);
    expect(replaced.size).toBeLessThan(count);
    await Promise.all([owner.end(), connection.end()]);
    const again = await recovered(endpoint);
    const store = postgresStore({ client: again, table, column: "secret" });
    const takenBack: string[] = [];
    const texts: string[] = [];
    for await (const { id, read } of everything(store)) {
      const bytes = await read();
      texts.push(Buffer.from(await open(bytes, [target, old], { context: asStored() })).toString());
      const isMoved = await open(bytes, [target], { context: asStored() }).then(
        () => true,
        () => false,
      );
      if (replaced.has(id) && !isMoved) takenBack.push(id);
    }
    expect(texts).toEqual(Array.from({ length: count }, (_, i) => `object ${i}`));
    expect(await run({ store, from: [old], to: [target] })).toMatchObject({ ok: true, scanned: count });
    for await (const { read } of everything(store)) await open(await read(), [target], { context: asStored() });
    await again.end();
    return takenBack;
  }

  test("keeps what was said to be replaced, loses nothing, and the same command finishes", async () => {
    expect(await crashed("synced", [])).toEqual([]);
  });

  test("would take back what was said to be replaced, if the log was not written first", async () => {
    const lost: string[] = [];
    // The server writes its log by itself every so often: what came right after that is lost.
    for (let attempt = 0; attempt < 5 && lost.length === 0; attempt++)
      lost.push(...(await crashed(`unsynced_${attempt}`, ["SET synchronous_commit = off"])));
    expect(lost).not.toEqual([]);
  });
});

/** Notes what was replaced, and kills the server once a third is. */
function watched(table: string, client: PostgresClient, replaced: Set<string>, kill: () => void): EnvelopeStore {
  const store = postgresStore({ client, table, column: "secret", pageRows: count });
  return {
    ...store,
    async replace(id, expected, object) {
      const result = await store.replace(id, expected, object);
      if (result === "replaced") replaced.add(id);
      if (replaced.size === Math.floor(count / 3)) kill();
      return result;
    },
  };
}

async function recovered(endpoint: string): Promise<OneConnection> {
  for (const until = performance.now() + 30_000; ; ) {
    try {
      return await connectOnce(endpoint);
    } catch (error) {
      if (performance.now() > until) throw error;
    }
  }
}
