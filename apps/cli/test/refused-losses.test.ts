import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

// What would lose a key or data without a word is refused with exit status 2, and nothing changes.

const folder = mkdtempSync(join(tmpdir(), "letterlock-refused-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const main = new URL("../src/main.ts", import.meta.url).pathname;

function letterlock(words: readonly string[], input = ""): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, ["--conditions=source", main, ...words], { cwd: folder, encoding: "utf8", input });
}

describe("letterlock", { timeout: 60_000 }, () => {
  test("does not replace a key file, not even under --force", () => {
    letterlock(["keygen", "--name", "own", "-o", "own.key"]);
    writeFileSync(join(folder, "plain.txt"), "plain");
    const key = readFileSync(join(folder, "own.key"));
    for (const words of [
      ["encrypt", "plain.txt", "--to", "local:own.key", "-o", "own.key", "--force"],
      ["keygen", "--name", "other", "-o", "own.key"],
    ]) {
      const { status, stderr } = letterlock(words);
      expect(stderr).toContain("a key file is never replaced");
      expect(status).toBe(2);
      expect(readFileSync(join(folder, "own.key"))).toEqual(key);
    }
  });

  test("does not take passphrase and data from one standard input", () => {
    const { status, stderr } = letterlock(["encrypt", "--to", "passphrase:p", "--passphrase-fd", "0", "-o", "nothing.ltrl"], "data");
    expect(stderr).toContain("cannot both come from standard input");
    expect(status).toBe(2);
  });

  test("does not replace what the command line reads, not even under --force", () => {
    letterlock(["keygen", "--name", "own", "-o", "own.key"]);
    for (const name of ["plain.txt", "pass"]) writeFileSync(join(folder, name), name);
    const team = letterlock(["keygen", "--intermediate", "--to", "local:own.key", "-o", "team.ltrlk"]).stdout.trim();
    writeFileSync(join(folder, "conf.json"), '{ "seal": ["local:own.key"] }');
    const sealing = ["encrypt", "plain.txt", "--force", "-o"];
    for (const [words, output, what] of [
      [[...sealing, "pass", "--to", "passphrase:", "--passphrase-file", "pass"], "pass", "the file of a passphrase"],
      [[...sealing, "./pass", "--to", "passphrase:", "--passphrase-file", `${folder}/pass`], "pass", "the file of a passphrase"],
      [[...sealing, "team.ltrlk", "--to", team, "--with", "local:own.key"], "team.ltrlk", "the key blob of a KEK"],
      [[...sealing, "conf.json", "--config", "conf.json"], "conf.json", "the configuration"],
    ] as const) {
      const before = readFileSync(join(folder, output));
      const { status, stderr } = letterlock(words);
      expect(stderr).toContain(`is ${what}`);
      expect(status).toBe(2);
      expect(readFileSync(join(folder, output))).toEqual(before);
    }
    const redirected = `"$0" --conditions=source "$1" encrypt --to local:own.key -o plain.txt --force < plain.txt`;
    expect(spawnSync("sh", ["-c", redirected, process.execPath, main], { cwd: folder }).status).toBe(2);
    expect(readFileSync(join(folder, "plain.txt"), "utf8")).toBe("plain.txt");
  });

  test("does not choose between two values of one context key", () => {
    const words = ["encrypt", "plain.txt", "--to", "local:own.key", "--context", "a=1", "--context", "a=2"];
    const { status, stderr } = letterlock(words);
    expect(stderr).toContain("--context a is given twice");
    expect(status).toBe(2);
  });

  test("does not call a failed write to standard output done", () => {
    letterlock(["encrypt", "plain.txt", "--to", "local:own.key"]);
    for (const command of ["keygen -o -", "inspect plain.txt.ltrl"]) {
      const line = `"$0" --conditions=source "$1" ${command} > /dev/full`;
      expect(spawnSync("sh", ["-c", line, process.execPath, main], { cwd: folder }).status, command).toBe(1);
    }
  });
});
