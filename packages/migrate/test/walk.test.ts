import { PGlite } from "@electric-sql/pglite";
import { seal } from "@letterlock/core";
import { afterAll, describe, expect, test } from "vitest";
import { type EnvelopeStore, type PostgresClient, postgresStore, run } from "../src/index.ts";
import { newKek } from "./support/keys.ts";

const [old, target] = [newKek("old"), newKek("new")];
const glite = new PGlite();
afterAll(() => glite.close());

describe("a walk", () => {
  test("hears a timer where neither store nor key waits for anything", async () => {
    const object = await seal(new Uint8Array(1), [old]);
    let listed = 0;
    const many = 50_000;
    const store: EnvelopeStore = {
      description: "the same object again and again",
      partitions: async () => ["all"],
      async *scan() {
        for (; listed < many; listed++)
          yield {
            id: `${listed}`,
            version: "1",
            size: object.length,
            cursor: `${listed}`,
            read: async () => object,
            readHead: async () => object,
          };
      },
      replace: async () => "replaced",
    };
    await expect(run({ store, from: [old], to: [target] }, { signal: AbortSignal.timeout(20) })).rejects.toThrow("timeout");
    expect(listed).toBeLessThan(many);
  });

  test("ends at once while a store is still being asked for its partitions", async () => {
    const asked = Promise.withResolvers<void>();
    const store: EnvelopeStore = {
      description: "a server that does not answer",
      partitions: () => {
        asked.resolve();
        return new Promise(() => {});
      },
      async *scan() {},
      replace: async () => "replaced",
    };
    const controller = new AbortController();
    const running = run({ store, from: [old], to: [target] }, { signal: controller.signal });
    await asked.promise;
    controller.abort(new Error("enough"));
    await expect(running).rejects.toThrow("enough");
  });

  test("reads no further while rows wait to be written", async () => {
    const rows = 3_000;
    await glite.query("CREATE TABLE waiting (id int PRIMARY KEY, secret bytea)");
    await glite.query("INSERT INTO waiting SELECT i, $1 FROM generate_series(1, $2::int) i", [await seal(new Uint8Array(1), [old]), rows]);
    const held = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    let read = 0;
    const client: PostgresClient = {
      async query(text, values) {
        if (text.startsWith("UPDATE")) await held.promise;
        const result = await glite.query(text, values);
        // A page, of which a scan may fetch a row more than it lists.
        if (text.includes("AS version")) read += Math.min(result.rows.length, 100);
        // So many wait by now, with one page that came early: what is read next is not before some are written.
        if (read === 600) stopped.resolve();
        return result;
      },
    };
    const running = run({ store: postgresStore({ client, table: "waiting", column: "secret", pageRows: 100 }), from: [old], to: [target] });
    await stopped.promise;
    for (let i = 0; i < 20; i++) await glite.query("SELECT 1");
    expect(read).toBe(600);
    held.resolve();
    expect(await running).toMatchObject({ scanned: rows, classes: { migrated: rows } });
    expect(read).toBe(rows);
  });
});
