import { spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, expect, it } from "vitest";
import { commandWords, ended, type Ran, sharedFolder } from "./letterlock-command.ts";
import { storeMigration } from "./store-migration.ts";

const folder = sharedFolder();
const { sealed, sealedText, migrate } = storeMigration(folder);
const at = (name: string): string => join(folder, name);
const isRoot = process.getuid?.() === 0;
const [nobody, nogroup] = [65_534, 65_534];

/** The command as somebody who is bound by permissions, which root is not; with the configuration of the last `migrate`. */
function bound(step: string): Promise<Ran> {
  const [program = "", ...words] = [...commandWords, "migrate", step, "--config", at("stores.json"), "--no-journal"];
  const env = { PATH: process.env.PATH, HOME: folder };
  return ended(spawn(program, words, { cwd: folder, env, ...(isRoot && { uid: nobody, gid: nogroup }) }));
}

describe("a store that the user may only read", { timeout: 60_000 }, () => {
  it.each([
    ["files", { type: "files", folder: "locked" }, "locked", "every change is a new file in it"],
    ["NDJSON", { type: "ndjson", file: "locked/a.ndjson", fields: ["ssn"] }, "locked", "every change is a new file in it"],
    ["a database in a folder that is locked", { type: "sqlite", file: "locked/a.db", table: "users", column: "ssn" }, "locked", "new file"],
    [
      "a database that is locked",
      { type: "sqlite", file: "open/locked.db", table: "users", column: "ssn" },
      "open/locked.db",
      "where it is",
    ],
  ])("%s: says so before it reads, and lets it be verified", async (_what, entry, locked, reason) => {
    for (const name of ["locked", "open"]) {
      mkdirSync(at(name), { recursive: true });
      chmodSync(at(name), 0o755);
    }
    writeFileSync(at("locked/a.ltrl"), await sealed("a"));
    writeFileSync(at("locked/a.ndjson"), `{"ssn":"${await sealedText("1")}"}\n`);
    for (const name of ["locked/a.db", "open/locked.db"]) {
      const database = new DatabaseSync(at(name));
      database.exec("CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, ssn TEXT)");
      database.close();
    }
    await migrate(["verify"], { a: entry });
    for (const path of readdirSync(folder, { recursive: true, encoding: "utf8" })) if (isRoot) chownSync(at(path), nobody, nogroup);
    if (isRoot) chownSync(folder, nobody, nogroup);
    chmodSync(at("locked"), 0o555);
    chmodSync(at("open/locked.db"), 0o444);
    try {
      for (const step of ["plan", "run", "finish"]) {
        const { status, stdout, stderr } = await bound(step);
        expect(stderr, step).toContain(`): this user may not write ${at(locked)} (EACCES): `);
        expect(stderr, step).toContain(reason);
        expect([status, stdout], step).toEqual([4, ""]);
      }
      expect((await bound("verify")).stderr).not.toContain("may not write");
    } finally {
      chmodSync(at("locked"), 0o755);
      chmodSync(at("open/locked.db"), 0o644);
    }
  });
});
