import { spawnSync } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "letterlock-rewritten-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function letterlock(...words: string[]): void {
  const main = new URL("../src/main.ts", import.meta.url).pathname;
  const { status, stderr } = spawnSync(process.execPath, ["--conditions=source", main, ...words], { cwd: folder, encoding: "utf8" });
  expect(stderr).toBe("");
  expect(status).toBe(0);
}

// Random bytes, and many times the buffers of a copy: a piece that is written after its buffer was filled again would show.
test("rewrap and refresh copy the payload of a large file byte for byte", { timeout: 60_000 }, () => {
  writeFileSync(join(folder, "large.bin"), randomFillSync(new Uint8Array(40 * 2 ** 20 + 12_345)));
  for (const name of ["one", "two"]) letterlock("keygen", "--name", name, "-o", `${name}.key`);
  letterlock("encrypt", "large.bin", "--to", "local:one.key", "--quiet");
  const sealed = readFileSync(join(folder, "large.bin.ltrl"));
  const payload = sealed.subarray(6 + sealed.readUInt16BE(4));
  const rewrites = [
    ["rewrap", "--with", "local:one.key", "--to", "local:two.key"],
    ["rewrap", "--with", "local:one.key", "--to", "local:two.key", "--keep"],
    ["refresh", "--with", "local:one.key"],
  ];
  for (const [command = "", ...words] of rewrites) {
    copyFileSync(join(folder, "large.bin.ltrl"), join(folder, "copy.ltrl"));
    letterlock(command, "copy.ltrl", ...words, "--quiet");
    const rewritten = readFileSync(join(folder, "copy.ltrl"));
    expect(rewritten.subarray(6 + rewritten.readUInt16BE(4)).equals(payload), words.join(" ")).toBe(true);
  }
});
