import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { commandWords, ended, letterlock, start, workFolder } from "./letterlock-command.ts";

describe("standard input and output", { timeout: 30_000 }, () => {
  it.each([0, 1, 65_535, 65_536, 65_537, 3_000_001])("carries %d bytes there and back, as bytes and as text", async (bytes) => {
    const folder = await folderWithKey();
    writeFileSync(join(folder, "a"), randomBytes(bytes));
    for (const form of ["", "--text"]) {
      const script = `"$0" "$1" "$2" encrypt ${form} --to local:dev.key < a | "$0" "$1" "$2" decrypt ${form} --with local:dev.key > b`;
      expect(spawnSync("bash", ["-o", "pipefail", "-c", script, ...commandWords], { cwd: folder }).status).toBe(0);
      expect(readFileSync(join(folder, "b")).equals(readFileSync(join(folder, "a")))).toBe(true);
    }
  });

  it("ends with a failure and without a stack when nobody reads the output", async () => {
    const folder = await folderWithKey();
    writeFileSync(join(folder, "a"), Buffer.alloc(64 * 2 ** 20));
    await letterlock(folder, ["encrypt", "a", "--to", "local:dev.key"]);
    const child = start(["decrypt", "a.ltrl", "--with", "local:dev.key", "-o", "-"], folder);
    child.stdout?.once("data", () => child.stdout?.destroy());
    const { status, stderr } = await ended(child);
    expect(status).toBe(1);
    expect(stderr).toBe("letterlock: standard output: nobody reads it any more; it is incomplete\n");
  });

  it("does not release the segment that is damaged, and says that what came is incomplete", async () => {
    const folder = await folderWithKey();
    writeFileSync(join(folder, "a"), Buffer.alloc(200_000, "a"));
    await letterlock(folder, ["encrypt", "a", "--to", "local:dev.key"]);
    const sealed = readFileSync(join(folder, "a.ltrl"));
    sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
    const { status, stdout } = await letterlock(folder, ["decrypt", "--with", "local:dev.key"], sealed);
    expect(status).toBe(3);
    expect(stdout).toBe("a".repeat(3 * 65_536));
  });

  it("shows no progress and no colour in a pipe, however long it takes", async () => {
    const folder = await folderWithKey();
    const child = start(["encrypt", "--to", "local:dev.key"], folder);
    const errors: Buffer[] = [];
    child.stderr?.on("data", (chunk: Buffer) => errors.push(chunk));
    child.stdout?.resume();
    const { stdin } = child;
    // A bar would appear after a second.
    const end = performance.now() + 1500;
    while (performance.now() < end) await new Promise((resolve) => stdin?.write(Buffer.alloc(65_536), resolve));
    stdin?.end();
    expect(await new Promise((resolve) => child.on("close", resolve))).toBe(0);
    expect(Buffer.concat(errors).toString()).toBe("");
    expect((await letterlock(folder, ["verify", "dev.key", "--with", "local:dev.key"])).stderr).not.toContain("\u001b");
  });

  it("never prints a key, a passphrase or plaintext", async () => {
    const folder = await folderWithKey();
    const secret = readFileSync(join(folder, "dev.key"), "utf8").trim().split(" ")[2] ?? "";
    writeFileSync(join(folder, "a"), "very private words");
    writeFileSync(join(folder, "pass"), "open sesame 42");
    const runs = [
      ["encrypt", "a", "--to", "local:dev.key", "passphrase:", "--passphrase-file", "pass", "--debug"],
      ["encrypt", "a", "--to", "local:dev.key", "passphrase:", "--passphrase-file", "pass", "--debug"],
      ["inspect", "a.ltrl", "--json"],
      ["inspect", "dev.key", "--debug"],
      ["verify", "a.ltrl", "--with", "local:dev.key", "passphrase:", "--passphrase-file", "pass", "--payload", "--debug"],
      ["decrypt", "a.ltrl", "--with", "passphrase:", "--passphrase-file", "dev.key", "-o", "b", "--debug"],
      ["decrypt", "a.ltrl", "--with", "local:a", "--debug"],
      ["decrypt", "a", "--with", "local:dev.key", "-o", "b", "--debug"],
      ["encrypt", "a", "--to", "local:pass", "--json", "--debug"],
    ];
    for (const words of runs) {
      const { stdout, stderr } = await letterlock(folder, words);
      for (const text of [secret, "very private words", "open sesame 42"]) expect(stdout + stderr).not.toContain(text);
    }
  });
});

async function folderWithKey(): Promise<string> {
  const folder = workFolder();
  await letterlock(folder, ["keygen", "--name", "dev", "-o", "dev.key"]);
  return folder;
}
