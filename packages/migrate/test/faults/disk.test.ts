import { spawnSync } from "node:child_process";
import { statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { asStored, open, seal } from "@letterlock/core";
import { requireDebianServer, startPostgres } from "@letterlock/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { postgresStore, run } from "../../src/index.ts";
import { everything } from "../../src/store-case-objects.ts";
import { newKek } from "../support/keys.ts";
import { connectAll } from "../support/postgres-connections.ts";
import { type DiskFault, type DiskKind, namespaceToMountIn, reportOfDisk } from "./small-disk.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

const namespace = namespaceToMountIn();
if (namespace === undefined)
  console.warn("not run: disks that are full and read-only, which nobody may mount here; a limit of file sizes is in their place");
const faults: readonly [DiskFault, RegExp][] = [
  ["limit", /EFBIG|too large|disk I\/O error|full/],
  ...(namespace === undefined
    ? []
    : ([
        ["full", /ENOSPC|full/],
        ["read-only", /EROFS|readonly/],
      ] satisfies [DiskFault, RegExp][])),
];
// A limit also forbids SQLite to write where it wrote before, and so to take a change back; a full disk does not.
const kindsUnder = (fault: DiskFault): readonly DiskKind[] => (fault === "limit" ? ["files", "ndjson"] : ["files", "ndjson", "sqlite"]);
const cases = faults.flatMap(([fault, reason]) => kindsUnder(fault).map((kind) => ({ kind, fault, reason })));

test.each(cases)(
  "$kind on a disk with the fault $fault end in failed, lose nothing, and are finished by the same command later",
  async ({ kind, fault, reason }) => {
    const folder = await mkdtemp(join(tmpdir(), "letterlock-disk-"));
    made.defer(() => rm(folder, { recursive: true, force: true }));
    const { ok, classes, codes, reasons, lost, leftovers, again } = reportOfDisk(kind, fault, folder, namespace);
    expect({ ok, lost, leftovers }).toEqual({ ok: false, lost: [], leftovers: [] });
    expect(classes).toMatchObject({ failed: codes.store });
    expect(classes.failed).toBeGreaterThan(0);
    expect((classes.failed ?? 0) + (classes.migrated ?? 0)).toBe(16);
    for (const one of reasons) expect(one).toMatch(reason);
    expect(again).toMatchObject({ ok: true, classes: { migrated: classes.failed, already: classes.migrated } });
  },
);

describe.skipIf(!requireDebianServer("postgresql"))("PostgreSQL on a full disk", () => {
  let server: Awaited<ReturnType<typeof startPostgres>>;
  beforeAll(async () => {
    server = made.use(await startPostgres());
  });

  test("ends in failed, loses nothing, and is finished by the same command when there is room", async () => {
    const [old, target] = [newKek("old"), newKek("new")];
    const connection = await connectAll(server.endpoint, 1);
    // A segment of the log has 16 MiB, and the server ends without it: so large may a file become, and the table has nearly that.
    const limit = 16 * 1024 * 1024;
    await connection.query("CREATE TABLE full_disk (id int PRIMARY KEY, secret bytea, ballast bytea)");
    await connection.query(
      "ALTER TABLE full_disk ALTER secret SET STORAGE PLAIN, ALTER ballast SET STORAGE PLAIN, SET (autovacuum_enabled = false)",
    );
    await connection.query("INSERT INTO full_disk SELECT i, NULL, decode(repeat('00', 7900), 'hex') FROM generate_series(1, 2000) i");
    const texts = Array.from({ length: 40 }, (_, i) => `${i} `.padEnd(6000, "x"));
    for (const [i, text] of texts.entries())
      await connection.query("INSERT INTO full_disk VALUES ($1, $2)", [10_000 + i, Buffer.from(await seal(Buffer.from(text), [old]))]);
    const { rows } = await connection.query("SELECT split_part(pg_read_file('postmaster.pid'), chr(10), 1)::int AS pid");
    const [{ pid }] = rows as [{ readonly pid: number }];
    await connection.end();
    limitFiles(pid, limit);
    const limited = await connectAll(server.endpoint, 2);
    const store = postgresStore({ client: limited, table: "full_disk", column: "secret" });
    const migration = { store, from: [old], to: [target] };
    const opened = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const { read } of everything(store))
        found.push(Buffer.from(await open(await read(), [target, old], { context: asStored() })).toString());
      return found;
    };
    const books = await run(migration);
    expect(books.ok).toBe(false);
    expect(books.classes.failed).toBeGreaterThan(0);
    expect(books.classes.failed + books.classes.migrated).toBe(texts.length);
    expect(books.codes).toEqual({ store: books.classes.failed });
    for (const { reason } of books.exceptions) expect(reason).toMatch(/could not extend file|No space left|too large/);
    expect(await opened()).toEqual(texts);
    await limited.end();
    limitFiles(pid, "unlimited");
    const roomy = await connectAll(server.endpoint, 2);
    const again = await run({ ...migration, store: postgresStore({ client: roomy, table: "full_disk", column: "secret" }) });
    expect(again).toMatchObject({ ok: true, classes: { migrated: books.classes.failed, already: books.classes.migrated } });
    await roomy.end();
  });
});

/** Of the processes that a server starts from now on, one for each connection. It takes a file that may not grow for a full disk. */
function limitFiles(pid: number, bytes: number | "unlimited"): void {
  const { uid, gid } = statSync(`/proc/${pid}`);
  const asOwner = uid === process.getuid?.() ? [] : ["setpriv", `--reuid=${uid}`, `--regid=${gid}`, "--clear-groups"];
  const [program = "", ...args] = [...asOwner, "prlimit", "--pid", String(pid), `--fsize=${bytes}:`];
  const { status, stderr } = spawnSync(program, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(stderr);
}
