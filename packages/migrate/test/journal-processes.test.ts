import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, describe, expect, test } from "vitest";
import type { Clocks } from "../src/journal/clocks.ts";
import { openJournalWith } from "../src/journal/journal.ts";
import { nodeSqlite } from "../src/journal/node-sqlite.ts";
import { type RunProcess, thisProcess } from "../src/journal/run-process.ts";
import { longestSilenceMs } from "../src/journal/run-record.ts";
import { openJournal } from "../src/journal.ts";
import { newFolder, start } from "./support/journal-beside.ts";

const made = new DisposableStack();
afterAll(() => made.dispose());

const childScript = join(import.meta.dirname, "support", "journal-child.ts");
const node22 = join(import.meta.dirname, "..", "..", "..", "node_modules", "node22", "bin", "node");
const newPath = (): string => join(newFolder(made), "journal.db");
const onWarning = (message: string): never => {
  throw new Error(message);
};

async function runner(path: string, outcomes: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--conditions=source", childScript, path, String(outcomes)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  made.defer(() => void child.kill("SIGKILL"));
  const [said] = await once(child.stdout as NodeJS.ReadableStream, "data");
  expect(String(said)).toBe("written\n");
  return child;
}

describe("runners that share a journal", () => {
  test("each keep their own, and one that is killed reads as interrupted", async () => {
    const path = newPath();
    const [killed, ends] = await Promise.all([runner(path, 20_000), runner(path, 20_000)]);
    const journal = openJournal(path, { onWarning });
    const ofPid = (child: ChildProcess) => journal.runs().find(({ pid }) => pid === child.pid);
    expect([ofPid(killed)?.state, ofPid(ends)?.state]).toEqual(["running", "running"]);

    killed.kill("SIGKILL");
    ends.stdin?.write("end\n");
    await Promise.all([once(killed, "exit"), once(ends, "exit")]);
    expect([ofPid(killed)?.state, ofPid(ends)?.state]).toEqual(["interrupted", "done"]);
    for (const child of [killed, ends]) {
      const kept = [...journal.outcomes(ofPid(child)?.id ?? 0)].map(({ id }) => id);
      expect(kept).toEqual(Array.from({ length: 20_000 }, (_, n) => `${child.pid} ${n}`));
      expect(ofPid(child)?.outcomes).toBe(20_000);
    }
    journal.close();
  });

  test("hear nothing of what Node 22 thinks of its SQLite, and one sentence where there is none", () => {
    const said = (node: string, ...flags: string[]): string => {
      const { stdout, stderr, status } = spawnSync(node, [...flags, "--conditions=source", childScript, newPath(), "10"], {
        input: "end\n",
        encoding: "utf8",
      });
      expect(status).toBe(0);
      // What Node 22 says of running TypeScript is the matter of this test alone.
      return stdout + stderr.replaceAll(/.*(Type Stripping|--trace-warnings).*\n/g, "");
    };
    expect(said(process.execPath)).toBe("written\n");
    expect(said(node22)).toBe("written\n");
    expect(said(node22, "--no-experimental-sqlite")).toMatch(
      /^warning: the journal .* use 22\.13 or later; the migration does not need it\nwritten\n$/,
    );
  });
});

interface SetClocks extends Clocks {
  wall: number;
  monotonic: number;
}

function setClocks(): SetClocks {
  return {
    wall: Date.UTC(2030, 0, 1),
    monotonic: 1_000_000,
    wallMs() {
      return this.wall;
    },
    monotonicMs() {
      return this.monotonic;
    },
  };
}

const years = 365 * 24 * 3_600_000;

describe("a clock that jumps", () => {
  test("changes no order, no duration and no count, forwards or backwards", () => {
    const clocks = setClocks();
    const journal = openJournalWith(nodeSqlite, clocks, newPath(), { onWarning });
    for (const jump of [0, 10 * years, -40 * years, 30 * years, -1]) {
      clocks.wall += jump;
      const kept = journal.begin({ ...start, command: `after ${jump}` });
      for (let n = 0; n < 10; n++) {
        clocks.monotonic += 700;
        clocks.wall += n % 2 === 0 ? jump : -jump;
        kept.outcome({ id: `${n}`, class: "failed" });
      }
      kept.end("done");
    }
    const runs = journal.runs();
    expect(runs.map(({ command }) => command)).toEqual([0, 10 * years, -40 * years, 30 * years, -1].map((jump) => `after ${jump}`));
    expect(runs.map(({ elapsedMs }) => elapsedMs)).toEqual([7_000, 7_000, 7_000, 7_000, 7_000]);
    expect(runs.map(({ id }) => [...journal.outcomes(id)].map((one) => one.id).join(""))).toEqual(Array(5).fill("0123456789"));
    expect(runs[0]?.began).toBe("2030-01-01T00:00:00.000Z");
    journal.close();
  });

  test("calls nobody dead: that is the pid's and the monotonic clock's to say", () => {
    const path = newPath();
    const clocks = setClocks();
    const journal = openJournalWith(nodeSqlite, clocks, path, { onWarning });
    journal.begin(start);
    const state = (): string | undefined => journal.runs()[0]?.state;
    const self = thisProcess();
    for (const jump of [10 * years, -50 * years]) {
      clocks.wall += jump;
      expect(state()).toBe("running");
      pretend(path, { pidNamespace: "another" });
      expect(state()).toBe("running");
      pretend(path, self);
    }
    clocks.monotonic += 10 * longestSilenceMs;
    expect(state(), "silent, and seen to be there").toBe("running");
    pretend(path, { pidNamespace: "another" });
    expect(state(), "silent, and out of sight").toBe("interrupted");
    clocks.monotonic -= 9.5 * longestSilenceMs;
    expect(state(), "out of sight, half the time").toBe("running");
    clocks.monotonic -= longestSilenceMs;
    expect(state(), "a beat of another start of the machine").toBe("interrupted");
    journal.close();
  });

  test.runIf(process.platform === "linux")(
    "is not asked where the process can be looked up: another start of it or of the machine is its end",
    () => {
      const path = newPath();
      const journal = openJournal(path, { onWarning });
      journal.begin(start);
      for (const gone of [{ start: "1" }, { boot: "another" }, { pid: 2 ** 30 }] as const) {
        pretend(path, gone);
        expect(journal.runs()[0]?.state, JSON.stringify(gone)).toBe("interrupted");
      }
      pretend(path, {});
      expect(journal.runs()[0]?.state).toBe("running");
      journal.close();
    },
  );
});

/** Writes another process into the run of a journal. */
function pretend(path: string, other: Partial<RunProcess>): void {
  const database = new DatabaseSync(path);
  database.prepare("UPDATE run SET process = ?").run(JSON.stringify({ ...thisProcess(), ...other }));
  database.close();
}
