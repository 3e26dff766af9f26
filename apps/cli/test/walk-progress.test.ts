import { PassThrough } from "node:stream";
import { type Books, outcomeClasses } from "@letterlock/migrate";
import { describe, expect, it } from "vitest";
import { createWalkProgress, walkLine } from "../src/terminal/walk-progress.ts";
import { workFolder } from "./letterlock-command.ts";
import { configure, keyFile, sealedFiles } from "./migration-folder.ts";
import { onTerminal, terminalAvailable } from "./terminal-session.ts";

const classes = Object.fromEntries(outcomeClasses.map((one) => [one, 0])) as Record<(typeof outcomeClasses)[number], number>;

describe("the progress of a walk", () => {
  it("says how many of how many, how fast, how long, and what became of them", () => {
    const state = {
      name: "users",
      done: 5000,
      total: 20_000,
      seconds: 10,
      classes: { ...classes, migrated: 4990, failed: 10 },
      slowedTo: 4,
    };
    expect(walkLine(state, 200)).toBe(
      "users [#####...............] 5,000 of 20,000  500/s  30 s left  4,990 migrated, 10 failed  slowed to 4 at once",
    );
  });

  it("promises nothing where nobody has counted", () => {
    expect(walkLine({ name: "users", done: 70, total: undefined, seconds: 2, classes: undefined, slowedTo: undefined }, 80)).toBe(
      "users 70  35/s",
    );
    expect(walkLine({ name: "users", done: 0, total: 0, seconds: 0, classes: undefined, slowedTo: undefined }, 80)).toContain("0 of 0");
  });

  it("grows with what was added since the last count", () => {
    expect(walkLine({ name: "users", done: 12, total: 10, seconds: 1, classes, slowedTo: undefined }, 80)).toContain("12 of 12");
  });

  it("fits a narrow screen, and shows no control characters of a name", () => {
    const line = walkLine({ name: "a\u001b[2Jb", done: 1, total: 2, seconds: 1, classes: { ...classes, migrated: 1 }, slowedTo: 1 }, 30);
    expect(line).toHaveLength(30);
    expect(line).not.toContain("\u001b");
  });

  it("stays away from a pipe", () => {
    const pipe = Object.assign(new PassThrough(), { isTTY: false }) as unknown as NodeJS.WriteStream;
    const progress = createWalkProgress(pipe, { shown: true, name: "users", total: 3 });
    const books: Books = { scanned: 1, classes, codes: {}, unverified: 0, bytes: 1, exceptions: [], ok: true };
    progress.onProgress({ type: "object", outcome: { id: "1", class: "migrated" }, books: () => books });
    progress.stop();
    expect((pipe as unknown as PassThrough).read()).toBeNull();
  });
});

describe.skipIf(!terminalAvailable)("the progress of a walk on a terminal (needs `script` of util-linux)", { timeout: 60_000 }, () => {
  it("is drawn while it runs, and leaves with the result", async () => {
    const folder = workFolder();
    const old = keyFile(folder, "old");
    keyFile(folder, "new");
    await sealedFiles(`${folder}/uploads`, 150, [old]);
    const stores = { uploads: { type: "files", folder: "uploads" } };
    const rates = { new: { perSecond: 200, burst: 1 } };
    configure(folder, { keks: { old: "local:old.key", new: "local:new.key" }, from: ["old"], to: ["new"], rates, stores });
    expect(await onTerminal(["migrate", "plan", "--quiet"], folder).ended).toMatchObject({ status: 0 });
    const session = onTerminal(["migrate", "run"], folder);
    await session.shows("of 150");
    await session.shows("migrated");
    const { status, screen } = await session.ended;
    expect(status).toBe(0);
    expect(screen).toMatch(/uploads: 150 objects, .*: 150 migrated, in /);
  });
});
