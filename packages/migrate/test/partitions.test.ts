import { randomBytes, randomUUID } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ListObjectsV2Command, type S3Client } from "@aws-sdk/client-s3";
import { seal, toText } from "@letterlock/core";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { type EnvelopeStore, fileStore, plan, type SqliteDatabase, sqliteStore } from "../src/index.ts";
import { s3Store } from "../src/s3.ts";
import { forbidWriting } from "./support/forbid.ts";
import { newKek } from "./support/keys.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-partitions-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function idsIn(store: EnvelopeStore, partition: string): Promise<string[]> {
  const ids: string[] = [];
  for await (const { id } of store.scan(partition, {})) ids.push(id);
  return ids;
}

const sizesOf = async (store: EnvelopeStore, partitions: readonly string[]): Promise<number[]> =>
  Promise.all(partitions.map(async (partition) => (await idsIn(store, partition)).length));

describe("ranges of files", () => {
  const fill = async (paths: readonly string[]): Promise<string> => {
    const folder = await newFolder();
    for (const path of paths) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), path);
    }
    return folder;
  };

  test.each<[string, string[]]>([
    ["one folder of many files", Array.from({ length: 300 }, (_, i) => `${i}`)],
    ["many folders of a few", Array.from({ length: 300 }, (_, i) => `${i % 100}/${i}`)],
    ["folders by the digits of a hash", Array.from({ length: 300 }, (_, i) => `${(i * 7919) % 16}/${(i * 104_729) % 16}/${i}`)],
    ["one chain of folders, and files beside it", Array.from({ length: 300 }, (_, i) => `a/b/c/d/${i % 3 === 0 ? "" : "e/"}${i}`)],
    [
      "names on both sides of a slash",
      ["a", "a-b", "a.d/x", "a/b", "a/b-", "ab/c", "a b/d", "a!/0"].flatMap((one) => [`${one}1/f`, `${one}2`]),
    ],
  ])("are even for %s", async (_, paths) => {
    const store = fileStore({ folder: await fill(paths) });
    for (const target of [2, 5, 8]) {
      const partitions = await store.partitions(target);
      expect(partitions).toHaveLength(Math.min(target, paths.length));
      const sizes = await sizesOf(store, partitions);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(paths.length);
      expect(Math.max(...sizes), sizes.join()).toBeLessThanOrEqual(Math.ceil((2 * paths.length) / target) + 1);
    }
  });

  test("read no folder that lies outside of them", async () => {
    const folder = await fill(["a/1", "b/1", "b/2", "c/1"]);
    const store = fileStore({ folder });
    await chmod(join(folder, "b"), 0o000);
    await chmod(folder, 0o755);
    const allow = await forbidWriting(folder);
    try {
      expect(await idsIn(store, JSON.stringify({ above: null, upTo: "a/9" }))).toEqual(["a/1"]);
      expect(await idsIn(store, JSON.stringify({ above: "b/9", upTo: null })).catch((error: unknown) => String(error))).toContain("EACCES");
      expect(await idsIn(store, JSON.stringify({ above: "c", upTo: null }))).toEqual(["c/1"]);
    } finally {
      await allow();
      await chmod(join(folder, "b"), 0o755);
    }
  });

  test.each(['{"above":"../a","upTo":null}', '{"above":1,"upTo":null}', "{}", '{"above":null', "8/8", "all", ""])(
    "are not %j",
    async (partition) => {
      await expect(idsIn(fileStore({ folder: await newFolder() }), partition)).rejects.toThrow(TypeError);
    },
  );

  test("still reads the partitions by hash that a queue may hold", async () => {
    const paths = Array.from({ length: 50 }, (_, i) => `${i % 5}/${i}`);
    const store = fileStore({ folder: await fill(paths) });
    const parts = await Promise.all(["0/3", "1/3", "2/3"].map((partition) => idsIn(store, partition)));
    expect(parts.flat().sort()).toEqual([...paths].sort());
    expect(parts.every((part) => part.length > 0)).toBe(true);
  });
});

describe("ranges of a key in SQLite", () => {
  test("read their own rows, and are even", async () => {
    const database = new DatabaseSync(":memory:");
    database.exec("CREATE TABLE t (tenant INTEGER, name TEXT, secret TEXT, PRIMARY KEY (tenant, name))");
    const insert = database.prepare("INSERT INTO t VALUES (?, ?, 'hello')");
    for (let i = 0; i < 1000; i++) insert.run(i % 7, String(i));
    let fetched = 0;
    const counting: SqliteDatabase = {
      prepare: (sql) => {
        const statement = database.prepare(sql);
        return {
          run: (...values) => statement.run(...values),
          all: (...values) => {
            const rows = statement.all(...values);
            fetched += rows.length;
            return rows;
          },
        };
      },
    };
    const store = sqliteStore({ database: counting, table: "t", column: "secret" });
    const partitions = await store.partitions(10);
    expect(fetched).toBeLessThan(30);
    fetched = 0;
    expect(await sizesOf(store, partitions)).toEqual(Array.from({ length: 10 }, () => 100));
    // A key and its value, for each row once.
    expect(fetched).toBe(2000);
  });
});

/** Answers ListObjectsV2 as S3 does, over any number of keys, and counts. */
function bucketOf(keys: readonly string[]): { readonly client: S3Client; readonly requests: () => number } {
  const sorted = keys.map((key) => Buffer.from(key)).sort(Buffer.compare);
  const firstAbove = (bound: Buffer): number => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (Buffer.compare(sorted[middle] as Buffer, bound) > 0) high = middle;
      else low = middle + 1;
    }
    return low;
  };
  let requests = 0;
  const send = async (command: unknown): Promise<unknown> => {
    if (!(command instanceof ListObjectsV2Command)) return expect.unreachable("only lists are asked for");
    requests += 1;
    const { Prefix = "", StartAfter, ContinuationToken, MaxKeys = 1000 } = command.input;
    const prefix = Buffer.from(Prefix);
    let at = firstAbove(Buffer.from(ContinuationToken ?? StartAfter ?? ""));
    while (
      at > 0 &&
      sorted[at - 1]?.subarray(0, prefix.length).equals(prefix) === true &&
      StartAfter === undefined &&
      ContinuationToken === undefined
    )
      at -= 1;
    if (
      Prefix !== "" &&
      (StartAfter === undefined || Buffer.compare(Buffer.from(StartAfter), prefix) < 0) &&
      ContinuationToken === undefined
    ) {
      at = firstAbove(prefix);
      if (at > 0 && sorted[at - 1]?.equals(prefix) === true) at -= 1;
    }
    const page = sorted.slice(at, at + MaxKeys).filter((key) => key.subarray(0, prefix.length).equals(prefix));
    const next = sorted[at + MaxKeys];
    const isTruncated = page.length === MaxKeys && next?.subarray(0, prefix.length).equals(prefix) === true;
    return {
      Contents: page.map((key) => ({ Key: encodeURIComponent(key.toString()), ETag: "e", Size: 1 })),
      EncodingType: "url",
      IsTruncated: isTruncated,
      NextContinuationToken: page.at(-1)?.toString(),
    };
  };
  return { client: { send } as unknown as S3Client, requests: () => requests };
}

describe("ranges of keys in a bucket", () => {
  const count = 50_000;
  const day = (i: number) => new Date(1_700_000_000_000 + i * 60_000).toISOString();
  const shapes: Record<string, (i: number) => string> = {
    "random names": () => randomUUID(),
    numbers: (i) => String(i),
    "numbers of one length": (i) => `export-2026/part-${String(i).padStart(9, "0")}.ltrl`,
    "folders of days": (i) => `logs/${day(i).slice(0, 10).replaceAll("-", "/")}/${day(i)}`,
    "a few large tenants and many small ones": (i) => (i % 2 === 0 ? `tenant-${i % 3}/${randomUUID()}` : `tenant-x${i}/a`),
    "names that are not ASCII": (i) => `文書/${String.fromCodePoint(0x1f600 + (i % 50))}/${i}`,
  };

  test.each(Object.entries(shapes))(
    "are even for %s, found by few requests, and each lists itself alone",
    { timeout: 120_000 },
    async (shape, keyOf) => {
      const keys = Array.from({ length: count }, (_, i) => keyOf(i));
      const bucket = bucketOf(keys);
      const store = s3Store({ client: bucket.client, bucket: "b" });
      for (const target of [8, 40]) {
        const before = bucket.requests();
        const partitions = await store.partitions(target);
        const cutting = bucket.requests() - before;
        const sizes = await sizesOf(store, partitions);
        const listing = bucket.requests() - before - cutting;
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(count);
        expect(partitions.length).toBeGreaterThan(target / 2);
        console.log(
          `${shape}: ${partitions.length} parts, the largest ${((Math.max(...sizes) * target) / count).toFixed(1)} times its share, cut by ${cutting} and listed by ${listing} requests`,
        );
        expect(Math.max(...sizes)).toBeLessThan((5 * count) / target);
        expect(cutting).toBeLessThan(10 * target + 150);
        expect(listing).toBeLessThanOrEqual(count / 1000 + partitions.length);
      }
    },
  );

  test("are apart and together everything, whatever the keys are", async () => {
    const seed = Date.now() % 1_000_000;
    console.log(`seed of the keys that are cut: ${seed}`);
    const key = fc.string({
      minLength: 1,
      maxLength: 6,
      unit: fc.constantFrom("a", "b", "/", "-", "~", "é", "\ud7ff", "\ue000", "😀", "\u{10ffff}"),
    });
    const property = fc.asyncProperty(
      fc.uniqueArray(key, { maxLength: 400 }),
      fc.uniqueArray(key, { maxLength: 50 }),
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom("", "a", "b/"),
      async (keys, coming, target, prefix) => {
        const partitions = await s3Store({ client: bucketOf(keys).client, bucket: "b", prefix }).partitions(target);
        expect(partitions.length).toBeLessThanOrEqual(target);
        const all = [...new Set([...keys, ...coming])];
        const store = s3Store({ client: bucketOf(all).client, bucket: "b", prefix, pageKeys: 7 });
        const seen = (await Promise.all(partitions.map((partition) => idsIn(store, partition)))).flat();
        expect(seen.sort()).toEqual(all.filter((one) => one.startsWith(prefix)).sort());
      },
    );
    await fc.assert(property, { seed, numRuns: 60 });
  });

  test("are refused where a service lists in another order, which would leave keys out", async () => {
    const { client } = bucketOf(["a", "b", "c", "d"]);
    const shuffled = {
      send: async (command: ListObjectsV2Command) => {
        const page = (await (client as unknown as { send(one: unknown): Promise<{ Contents: unknown[] }> }).send(command)) ?? {};
        return { ...page, Contents: page.Contents.toReversed() };
      },
    } as unknown as S3Client;
    await expect(idsIn(s3Store({ client: shuffled, bucket: "b" }), JSON.stringify({ above: "a", upTo: "c" }))).rejects.toThrow("order");
  });
});

test("a text column of rows that are foreign is searched for objects inside", async () => {
  const database = new DatabaseSync(":memory:");
  database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, note TEXT)");
  const [old, target] = [newKek("old"), newKek("new")];
  const text = toText(await seal(randomBytes(20), [old]));
  const insert = database.prepare("INSERT INTO t (note) VALUES (?)");
  for (const note of [text, JSON.stringify({ ssn: text }), Buffer.from(JSON.stringify({ ssn: text })).toString("base64"), "hello"])
    insert.run(note);
  const { nested, books } = await plan(
    { store: sqliteStore({ database, table: "t", column: "note" }), from: [old], to: [target] },
    { probe: false },
  );
  expect(books.classes).toMatchObject({ migrated: 1, foreign: 3 });
  expect(nested.first.map(({ id, layers }) => [id, layers])).toEqual([
    ['["integer 2"]', 0],
    ['["integer 3"]', 1],
  ]);
});
