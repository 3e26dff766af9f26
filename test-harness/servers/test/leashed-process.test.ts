import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, describe, expect, test } from "vitest";
import { type Command, type LeashedProcess, startLeashed } from "../src/leashed-process.ts";
import { groupExists, untilGroupIsGone } from "./group-is-gone.ts";

const folder = mkdtempSync(join(tmpdir(), "letterlock-leash-"));
let started = 0;
afterAll(() => rmSync(folder, { recursive: true }));

function shell(script: string, more: Partial<Command> = {}): Promise<LeashedProcess> {
  return startLeashed({
    program: "/bin/sh",
    args: ["-c", script],
    env: {},
    cwd: folder,
    logFile: join(folder, `${started++}.log`),
    ...more,
  });
}

async function untilLogged(running: LeashedProcess, text: string): Promise<void> {
  while (!running.log().includes(text)) await wait(10);
}

async function untilEnded(running: LeashedProcess): Promise<void> {
  while (!running.ended()) await wait(10);
}

describe("a process on its leash", { timeout: 30_000 }, () => {
  test("stops on SIGTERM, and every process that it started", async () => {
    const running = await shell("sleep 600 & trap 'echo stopping; exit 7' TERM; echo up; wait", {});
    await untilLogged(running, "up");
    await running.stop();
    expect(running.log()).toBe("up\nstopping\nended with 7\n");
    expect(groupExists(running.pid)).toBe(false);
    await running.stop();
  });

  test("is killed when it does not stop", async () => {
    const running = await shell("trap '' TERM; echo up; while :; do sleep 600; done", { graceMs: 100 });
    await untilLogged(running, "up");
    await running.stop();
    expect(running.log()).toContain("killed");
    expect(groupExists(running.pid)).toBe(false);
  });

  test("that ends by itself says how, and leaves nothing behind", async () => {
    const running = await shell("sleep 600 & exit 3");
    await untilEnded(running);
    expect(running.log()).toBe("ended with 3\n");
    await untilGroupIsGone(running.pid);
  });

  test("that cannot be started says why", async () => {
    const running = await shell("", { program: join(folder, "nothing") });
    await untilEnded(running);
    expect(running.log()).toContain("ENOENT");
  });

  test("gets the environment that it is given and no other", async () => {
    const running = await shell("env", { env: { GIVEN: "yes" } });
    await untilEnded(running);
    const names = running.log().match(/^\w+(?==)/gm);
    expect(names?.filter((name) => !["PWD", "OLDPWD", "SHLVL", "_"].includes(name)).sort()).toEqual(["GIVEN", "PATH"]);
  });

  test.each(["SIGKILL", "SIGTERM", undefined] as const)("ends with its parent (%s)", async (signal) => {
    const parent = spawn(process.execPath, [join(import.meta.dirname, "parent.ts"), folder, String(signal === undefined)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(parent, "exit");
    const [line] = (await once(parent.stdout, "data")) as [Buffer];
    const pid = Number(line.toString());
    expect(pid).toBeGreaterThan(1);
    if (signal !== undefined) {
      expect(groupExists(pid)).toBe(true);
      parent.kill(signal);
    }
    const [code] = await exited;
    expect(code).toBe(signal === undefined ? 0 : null);
    await untilGroupIsGone(pid);
  });
});
