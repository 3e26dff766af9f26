import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { asStored, fromText, type Kek, open, seal, toText } from "@letterlock/core";
import { type EnvelopeStore, fileStore, ndjsonStore, run, sqliteStore } from "../../src/index.ts";
import { everything } from "../../src/store-case-objects.ts";
import { newKek } from "../support/keys.ts";
import type { DiskFault, DiskKind, DiskReport } from "./small-disk.ts";

// Fills a folder, lets the disk fail, migrates, looks, lets the disk be well again, and migrates once more.
const [kind, fault, folder = ""] = process.argv.slice(2) as [DiskKind, DiskFault, string];
const [old, target] = [newKek("old"), newKek("new")];
const count = 16;
const textOf = (i: number): string => `${i} `.padEnd(20_000, "x");
const ballast = join(folder, "ballast");
const data = join(folder, "data");
const closing: (() => void)[] = [];

// Without a handler, the limit would end the process.
process.on("SIGXFSZ", () => undefined);
await fill();
const own = await readdir(folder, { recursive: true });
begin();
let store = opened();
const books = await run({ store, from: [old], to: [target] });
const lost = await losses([target, old]);
const leftovers = (await readdir(folder, { recursive: true })).filter((name) => !own.includes(name) && name !== "ballast");
for (const close of closing.splice(0)) close();
end();
store = opened();
const again = await run({ store, from: [old], to: [target] });
lost.push(...(await losses([target])));
const { ok, classes, codes, exceptions } = books;
const reasons = [...new Set(exceptions.map(({ reason = "" }) => reason))];
const report: DiskReport = { ok, classes, codes, reasons, lost, leftovers, again: { ok: again.ok, classes: again.classes } };
process.stdout.write(JSON.stringify(report));

async function fill(): Promise<void> {
  const objects = await Promise.all(Array.from({ length: count }, (_, i) => seal(Buffer.from(textOf(i)), [old])));
  if (kind === "files") for (const [i, object] of objects.entries()) writeFileSync(join(folder, `${i}.sealed`), object);
  if (kind === "ndjson") writeFileSync(data, objects.map((object, id) => `${JSON.stringify({ id, ssn: toText(object) })}\n`).join(""));
  if (kind !== "sqlite") return;
  const database = new DatabaseSync(data);
  database.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, secret BLOB)");
  for (const [i, object] of objects.entries()) database.prepare("INSERT INTO t VALUES (?, ?)").run(i, object);
  database.close();
}

function opened(): EnvelopeStore {
  if (kind === "files") return fileStore({ folder, include: (id) => id.endsWith(".sealed") });
  if (kind === "ndjson") return ndjsonStore({ file: data, fields: ["ssn"], key: "id" });
  const database = new DatabaseSync(data);
  closing.push(() => database.close());
  return sqliteStore({ database, table: "t", column: "secret" });
}

function begin(): void {
  if (fault === "limit") setLimit("16384");
  if (fault === "read-only") remount("ro");
  if (fault !== "full") return;
  const file = openSync(ballast, "w");
  // Whatever still fits, down to the last page.
  for (let bytes = 65_536; bytes >= 1; bytes = Math.floor(bytes / 2)) {
    try {
      while (true) writeSync(file, Buffer.alloc(bytes));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
    }
  }
  closeSync(file);
}

function end(): void {
  if (fault === "limit") setLimit("unlimited");
  if (fault === "read-only") remount("rw");
  rmSync(ballast, { force: true });
}

function setLimit(bytes: string): void {
  required(spawnSync("prlimit", ["--pid", String(process.pid), `--fsize=${bytes}:`], { encoding: "utf8" }));
}

function remount(how: string): void {
  required(spawnSync("mount", ["-o", `remount,${how}`, folder], { encoding: "utf8" }));
}

function required({ status, stderr, error }: ReturnType<typeof spawnSync>): void {
  if (status !== 0) throw new Error(`${error?.message ?? stderr}`);
}

async function losses(keks: readonly Kek[]): Promise<string[]> {
  const found: string[] = [];
  for await (const { id, read } of everything(store)) {
    const bytes = await read();
    const object = kind === "ndjson" ? fromText(Buffer.from(bytes).toString()) : bytes;
    const text = await open(object, keks, { context: asStored() }).then((opened) => Buffer.from(opened).toString(), String);
    const number = Number(/\d+/.exec(id)?.[0]);
    found.push(text === textOf(number) ? "" : `${id}: ${text.slice(0, 80)}`);
  }
  return found.length === count ? found.filter((one) => one !== "") : [`${found.length} objects are there`];
}
