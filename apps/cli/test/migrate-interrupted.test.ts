import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Kek } from "@letterlock/core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ended, letterlockIn, type Ran, start, workFolder } from "./letterlock-command.ts";
import { configure, keyFile, linesOf, openedFiles, sealedFiles } from "./migration-folder.ts";

const count = 300;

describe("a run of migrate that is ended", { timeout: 60_000 }, () => {
  let folder: string;
  let uploads: string;
  let old: Kek;
  let target: Kek;
  let run: (...words: readonly string[]) => Promise<Ran>;

  beforeEach(async () => {
    folder = workFolder();
    uploads = join(folder, "uploads");
    old = keyFile(folder, "old");
    target = keyFile(folder, "new");
    await sealedFiles(uploads, count, [old]);
    // Slow enough to be ended in the middle.
    limitTo(40);
    run = letterlockIn(folder, {});
  });

  function limitTo(perSecond: number): void {
    const stores = { uploads: { type: "files", folder: "uploads" }, more: { type: "files", folder: "uploads" } };
    const rates = { new: { perSecond, burst: 1 } };
    configure(folder, { keks: { old: "local:old.key", new: "local:new.key" }, from: ["old"], to: ["new"], rates, stores });
  }

  /** A run that has changed something, and has much left to do. */
  async function inTheMiddle(...words: readonly string[]): Promise<{ readonly child: ChildProcess; readonly end: Promise<Ran> }> {
    const early = join(uploads, "0004.ltrl");
    const before = readFileSync(early);
    const child = start(["migrate", "run", ...words], folder);
    const end = ended(child);
    await vi.waitFor(() => expect(readFileSync(early).equals(before)).toBe(false), { timeout: 30_000, interval: 2 });
    return { child, end };
  }

  it.each(["SIGINT", "SIGTERM"] as const)("tells on %s what it has done, and the same command finishes", async (signal) => {
    const { child, end } = await inTheMiddle("--json");
    child.kill(signal);
    const stopped = await end;
    const { stores, last } = linesOf(stopped);
    expect(stopped.status).toBe(130);
    expect(stopped.stderr).toContain('"message":"interrupted: what was written stays, and the same command goes on from there"');
    expect(last).toMatchObject({ ok: false, inTrouble: ["uploads"], notLookedAt: ["more"], exitStatus: 130 });
    expect(stores).toMatchObject([{ store: "uploads", ok: false, state: "stopped" }]);
    const migrated = stores[0]?.books.classes.migrated ?? 0;
    expect(migrated).toBeGreaterThan(0);
    expect(migrated).toBeLessThan(count);
    expect(await openedFiles(uploads, target)).toBe(migrated);
    expect(await openedFiles(uploads, old)).toBe(count - migrated);
    expect((await run("migrate", "status")).stdout).toMatch(/^uploads: run of .*, interrupted; .* migrated/);

    limitTo(10_000);
    const again = await run("migrate", "run", "uploads", "--json");
    expect(again.status).toBe(0);
    expect(linesOf(again).stores[0]?.books.classes).toMatchObject({ migrated: count - migrated, already: migrated });
    expect(await openedFiles(uploads, target)).toBe(count);
  });

  it("leaves every file whole when it is killed, and the same command finishes", async () => {
    const { child, end } = await inTheMiddle("uploads");
    const running = await run("migrate", "status", "--json");
    expect(running.stdout).toContain('"state":"running"');
    child.kill("SIGKILL");
    await end;
    const [byOld, byNew] = [await openedFiles(uploads, old), await openedFiles(uploads, target)];
    expect(byNew).toBeGreaterThan(0);
    expect(byOld).toBeGreaterThan(0);
    expect(byOld + byNew).toBe(count);
    expect((await run("migrate", "status", "--json")).stdout).toContain('"state":"interrupted"');
    limitTo(10_000);
    expect((await run("migrate", "run", "uploads", "--quiet")).status).toBe(0);
    expect(await openedFiles(uploads, target)).toBe(count);
  });
});
