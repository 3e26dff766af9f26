import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, truncateSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ended, letterlock, start, workFolder } from "./letterlock-command.ts";

const bigBytes = 3 * 2 ** 30;

describe("output is all or nothing", { timeout: 60_000 }, () => {
  it.each(["SIGKILL", "SIGINT", "SIGTERM", "SIGHUP"] as const)("leaves no file after %s in the middle", async (signal) => {
    const folder = await folderWithKey();
    const child = start(["encrypt", "big", "--to", "local:dev.key"], folder);
    const run = ended(child);
    await draftGrows(folder);
    child.kill(signal);
    const { status, stderr } = await run;
    expect(existsSync(join(folder, "big.ltrl"))).toBe(false);
    if (signal === "SIGKILL") return;
    expect(status).toBe(130);
    expect(stderr).toContain("interrupted");
    expect(drafts(folder)).toEqual([]);
  });

  it.each(["SIGKILL", "SIGINT"] as const)("leaves the old file after %s in the middle", async (signal) => {
    const folder = await folderWithKey();
    writeFileSync(join(folder, "big.ltrl"), "the old one");
    const child = start(["encrypt", "big", "--to", "local:dev.key", "--force"], folder);
    const run = ended(child);
    await draftGrows(folder);
    child.kill(signal);
    await run;
    expect(readFileSync(join(folder, "big.ltrl"), "utf8")).toBe("the old one");
  });

  it("leaves an object as it was when it is killed while rewrapping in place", async () => {
    const folder = await folderWithKey();
    truncateSync(join(folder, "big"), 256 * 2 ** 20);
    await letterlock(folder, ["encrypt", "big", "--to", "local:dev.key"]);
    const before = statSync(join(folder, "big.ltrl"));
    const child = start(["rekey", "big.ltrl", "--with", "local:dev.key", "--to", "local:dev.key"], folder);
    const run = ended(child);
    await draftGrows(folder);
    child.kill("SIGKILL");
    await run;
    const after = statSync(join(folder, "big.ltrl"));
    expect([after.ino, after.size]).toEqual([before.ino, before.size]);
    expect((await letterlock(folder, ["verify", "big.ltrl", "--with", "local:dev.key", "--payload"])).status).toBe(0);
  });

  it("refuses a file that appears while it works", async () => {
    const folder = await folderWithKey();
    truncateSync(join(folder, "big"), 512 * 2 ** 20);
    const run = ended(start(["encrypt", "big", "--to", "local:dev.key"], folder));
    await draftGrows(folder);
    writeFileSync(join(folder, "big.ltrl"), "somebody else's");
    const { status, stderr } = await run;
    expect(status).toBe(2);
    expect(stderr).toContain("big.ltrl exists already");
    expect(readFileSync(join(folder, "big.ltrl"), "utf8")).toBe("somebody else's");
    expect(drafts(folder)).toEqual([]);
  });

  it("leaves nothing of a plaintext whose end is damaged", async () => {
    const folder = await folderWithKey();
    const path = join(folder, "a.ltrl");
    writeFileSync(join(folder, "a"), randomBytes(300_000));
    await letterlock(folder, ["encrypt", "a", "--to", "local:dev.key"]);
    truncateSync(path, statSync(path).size - 1);
    const { status } = await letterlock(folder, ["decrypt", "a.ltrl", "--with", "local:dev.key", "-o", "out/b"]);
    expect(status).toBe(3);
    expect(readdirSync(join(folder, "out"))).toEqual([]);
  });

  it("says that the disk is full and keeps nothing", async (test) => {
    const folder = await folderWithKey();
    const small = join(folder, "small");
    mkdirSync(small);
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]).status === 0;
    test.skip(!mounted, "a small file system cannot be mounted here");
    onTestFinished(() => {
      spawnSync("umount", [small]);
    });
    const { status, stderr } = await letterlock(folder, ["encrypt", "big", "--to", "local:dev.key", "-o", "small/big.ltrl"]);
    expect(status).toBe(1);
    expect(stderr).toBe("letterlock: big: small/big.ltrl: no space left on the device; nothing was kept\n");
    expect(readdirSync(small)).toEqual([]);
  });
});

/** A key, and a sparse file that takes a while to seal. */
async function folderWithKey(): Promise<string> {
  const folder = workFolder();
  await letterlock(folder, ["keygen", "--name", "dev", "-o", "dev.key"]);
  writeFileSync(join(folder, "big"), "");
  truncateSync(join(folder, "big"), bigBytes);
  return folder;
}

function drafts(folder: string): readonly string[] {
  return readdirSync(folder).filter((name) => name.endsWith(".letterlock-draft"));
}

/** Resolves when a draft holds some megabytes. */
function draftGrows(folder: string): Promise<void> {
  return new Promise((resolve) => {
    const watcher = watch(folder, () => {
      const [name] = drafts(folder);
      if (name === undefined || statSync(join(folder, name)).size < 4 * 2 ** 20) return;
      watcher.close();
      resolve();
    });
  });
}
