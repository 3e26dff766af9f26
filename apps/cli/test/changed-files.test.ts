import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { failure } from "../src/failure.ts";
import { fileChunks } from "../src/files/file-chunks.ts";
import { versionAt } from "../src/files/file-version.ts";
import type { Input } from "../src/files/inputs.ts";
import { rewriteInPlace, withHeader } from "../src/rewrite-in-place.ts";
import { requireHeader, type SealedSource, sealedSource } from "../src/sealed-source.ts";
import { letterlock, workFolder } from "./letterlock-command.ts";

const changed = expect.objectContaining(failure("changed", "")) as unknown;

describe("a file that changes while it is read", { timeout: 60_000 }, () => {
  const chunkBytes = 1024;

  it.each<[string, (path: string) => void]>([
    ["grows", (path) => appendFileSync(path, "more")],
    ["shrinks", (path) => truncateSync(path, 3 * chunkBytes)],
    ["is written to in place", (path) => writeFileSync(path, Buffer.alloc(10 * chunkBytes, 2))],
  ])("that %s is changed, before its last chunk", async (_, change) => {
    const path = join(workFolder(), "a");
    writeFileSync(path, Buffer.alloc(10 * chunkBytes, 1));
    const chunks = fileChunks({ path, start: 0, chunkBytes });
    await chunks.next();
    change(path);
    const rest = async () => {
      for await (const _ of chunks);
    };
    await expect(rest()).rejects.toEqual(changed);
  });

  it("that gives its name to another file is read to its end", async () => {
    const folder = workFolder();
    const path = join(folder, "a");
    writeFileSync(path, Buffer.alloc(10 * chunkBytes, 1));
    writeFileSync(join(folder, "b"), "other");
    let bytes = 0;
    for await (const chunk of fileChunks({ path, start: 0, chunkBytes })) {
      if (bytes === 0) renameSync(join(folder, "b"), path);
      bytes += chunk.length;
    }
    expect(bytes).toBe(10 * chunkBytes);
  });

  it("that is another one than expected is not read", async () => {
    const path = join(workFolder(), "a");
    writeFileSync(path, "old");
    const version = versionAt(path);
    writeFileSync(path, "newer");
    await expect(fileChunks({ path, start: 0, chunkBytes, version }).next()).rejects.toEqual(changed);
  });

  it("leaves nothing behind, and exit status 1 with the code changed", async () => {
    const folder = workFolder();
    await letterlock(folder, ["keygen", "--name", "dev", "-o", "dev.key"]);
    // Writing to it until the command ends changes it for certain.
    const path = join(folder, "log");
    writeFileSync(path, Buffer.alloc(2 ** 26));
    const growing = setInterval(() => appendFileSync(path, "line\n"), 1);
    const { status, stderr } = await letterlock(folder, ["encrypt", "log", "--to", "local:dev.key", "--json"]);
    clearInterval(growing);
    expect(JSON.parse(stderr)).toMatchObject({ code: "changed", exitStatus: 1, input: "log" });
    expect(status).toBe(1);
    expect(existsSync(`${path}.ltrl`)).toBe(false);
  });
});

describe("rewriting in place", { timeout: 60_000 }, () => {
  it("leaves a file that somebody else wrote in the meantime", async () => {
    const { path, input } = await sealedFile();
    await withSource(input, async (source) => {
      const theirs = Buffer.concat([readFileSync(path), Buffer.from("theirs")]);
      const work = rewriteInPlace(input, source, withHeader(source, requireHeader(source).blob), {});
      writeFileSync(path, theirs);
      await expect(work).rejects.toEqual(changed);
      expect(readFileSync(path).equals(theirs)).toBe(true);
    });
  });

  it("looks again when all was read and written, at the last moment", async () => {
    const { path, input } = await sealedFile();
    await withSource(input, async (source) => {
      async function* thenTheirs() {
        yield* withHeader(source, requireHeader(source).blob);
        writeFileSync(path, "theirs");
      }
      await expect(rewriteInPlace(input, source, thenTheirs(), {})).rejects.toEqual(changed);
      expect(readFileSync(path, "utf8")).toBe("theirs");
      expect(readdirSync(dirname(path)).filter((name) => name.endsWith("draft"))).toEqual([]);
    });
  });

  it("lets one of two at the same time win, and tells the other", async () => {
    const { path, input } = await sealedFile();
    await withSource(input, async (first) => {
      await withSource(input, async (second) => {
        await rewriteInPlace(input, first, withHeader(first, requireHeader(first).blob), {});
        const { ino } = statSync(path);
        await expect(rewriteInPlace(input, second, withHeader(second, requireHeader(second).blob), {})).rejects.toEqual(changed);
        expect(statSync(path).ino).toBe(ino);
      });
    });
  });

  async function sealedFile(): Promise<{ readonly path: string; readonly input: Input }> {
    const folder = workFolder();
    await letterlock(folder, ["keygen", "--name", "dev", "-o", "dev.key"]);
    writeFileSync(join(folder, "a"), Buffer.alloc(300_000));
    await letterlock(folder, ["encrypt", "a", "--to", "local:dev.key"]);
    const path = join(folder, "a.ltrl");
    return { path, input: { path, relative: "a.ltrl", bytes: statSync(path).size, mode: 0o644, identity: undefined } };
  }

  async function withSource(input: Input, work: (source: SealedSource) => Promise<void>): Promise<void> {
    const source = await sealedSource(input, {}, () => {});
    try {
      await work(source);
    } finally {
      await source.close();
    }
  }
});
