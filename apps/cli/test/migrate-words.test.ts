import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Kek } from "@letterlock/core";
import type { Books } from "@letterlock/migrate";
import { beforeEach, describe, expect, it } from "vitest";
import { exceptionLines } from "../src/migrate/books-text.ts";
import { wordedCounts } from "../src/migrate/class-words.ts";
import { letterlockIn, type Ran, workFolder } from "./letterlock-command.ts";
import { keyFile, sealedFiles, uploadsToMove } from "./migration-folder.ts";

describe("the words of migrate", { timeout: 60_000 }, () => {
  let folder: string;
  let old: Kek;
  const migrate = (...words: readonly string[]): Promise<Ran> => letterlockIn(folder, {})("migrate", ...words);

  beforeEach(async () => {
    folder = workFolder();
    old = await uploadsToMove(folder, 120);
  });

  it("say before a run that nothing is migrated, once, with some of the ids", async () => {
    for (const step of ["verify", "finish"]) {
      const { status, stdout, stderr } = await migrate(step);
      expect(status).toBe(step === "verify" ? 4 : 1);
      expect(stdout + stderr).not.toMatch(/quarantined|damaged/);
      expect(stdout.split("\n").slice(1, -1)).toEqual([
        "  not migrated   120 objects without a recipient of the target: `migrate run` has not reached them, " +
          "or something still seals for the old key: 0000.ltrl, 0001.ltrl, 0002.ltrl and 117 more",
        "  not clean      not every object opens with the target alone",
      ]);
      expect(stderr).toContain("120 not migrated (`migrate run` has not reached them");
    }
  });

  it("tell in a plan after a run what is left to move from what has old recipients to lose", async () => {
    expect((await migrate("run", "--keep")).status).toBe(0);
    expect((await migrate("plan")).stdout).toMatch(/^uploads: 120 objects, [^:]*: 120 to rid of old recipients\n/);
    await sealedFiles(join(folder, "uploads"), 20, [old]);
    expect((await migrate("plan")).stdout).toMatch(/^uploads: 120 objects, [^:]*: 20 to migrate, 100 to rid of old recipients\n/);
    expect((await migrate("finish")).stdout).toContain("  old keys       100 objects that an old key opens too: the old recipients stay\n");
    expect((await migrate("run")).status).toBe(0);
    expect((await migrate("plan")).stdout).toMatch(/^uploads: 120 objects, [^:]*: 120 already\n/);
  });

  it("show in the status what a step found, and the last of each step behind any number of plans", async () => {
    expect((await migrate("verify", "--quiet")).status).toBe(4);
    expect((await migrate("run", "--keep")).status).toBe(0);
    for (let time = 0; time < 6; time++) expect((await migrate("plan", "--no-probe")).status).toBe(0);
    // Another key of the same name.
    keyFile(folder, "old");
    writeFileSync(join(folder, "uploads", "note.txt"), "bring milk");
    const failed = await migrate("plan");
    expect(failed.status).not.toBe(0);
    const { stdout } = await migrate("status");
    const lines = stdout.split("\n").filter((line) => line.startsWith("uploads: "));
    expect(lines.map((line) => line.split(" ")[1])).toEqual(["verify", "run", "plan"]);
    expect(lines[0]).toContain("UTC, done, not clean; ");
    expect(lines[0]).toContain(": 120 not migrated; ");
    expect(lines[1]).toContain("UTC, done; ");
    expect(lines[2]).toContain("UTC, done, a probe failed, not everything would migrate; ");
    expect(stdout).toContain("\n  local old cannot unwrap (`letterlock doctor` tells why)\n");
  });
});

describe("exceptions", () => {
  const books = (exceptions: Books["exceptions"], counts: Partial<Books["classes"]>, codes: Books["codes"]) => ({
    exceptions,
    codes,
    classes: { migrated: 0, already: 0, gone: 0, foreign: 0, quarantined: 0, conflict: 0, failed: 0, ...counts },
  });

  it("of one reason are one line, whatever the books keep of them", () => {
    const away = Array.from({ length: 100 }, (_, n) => ({ id: `${n + 100}`, class: "failed", code: "store", reason: "away" }) as const);
    const cut = { id: "b", class: "quarantined", code: "malformed", reason: "too short" } as const;
    const two = [cut, { ...cut, id: "a" }, { ...cut, id: "c", reason: "too long" }];
    expect(exceptionLines(books([...two, ...away], { failed: 5000, quarantined: 3 }, { store: 5000, malformed: 3 }))).toEqual([
      "  quarantined    a, b: malformed: too short",
      "  quarantined    c: malformed: too long",
      "  failed         100, 101, 102 and 4,997 more: store: away",
    ]);
  });

  it("of several reasons are counted as far as they are known, and the others after them", () => {
    const some = (["store", "unavailable"] as const).map((code) => ({ id: code, class: "failed", code, reason: "away" }) as const);
    expect(exceptionLines(books(some, { failed: 9 }, { store: 4, unavailable: 5 }))).toEqual([
      "  failed         store: store: away",
      "  failed         unavailable: unavailable: away",
      "  failed         and 7 more",
    ]);
  });

  it("and classes that are told apart add up to what the books count", () => {
    const classes = { migrated: 7, already: 1, gone: 2, foreign: 3, quarantined: 4, conflict: 5, failed: 6 };
    for (const step of ["plan", "run", "verify", "finish"] as const)
      for (const part of [0, 3, 7, 100, undefined]) {
        const words = wordedCounts({ classes }, step, { notOnTarget: part, notMigrated: part });
        expect(words.reduce((sum, { count }) => sum + count, 0)).toBe(28);
      }
  });
});
