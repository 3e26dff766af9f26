import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { cp, mkdir, open, readdir, stat } from "node:fs/promises";
import { join, relative } from "node:path";
import { columns } from "../../test-harness/matrix/src/columns.ts";
import { flipByte } from "./flip-byte.ts";
import { letterlock, quietly } from "./letterlock.ts";

const root = join(import.meta.dirname, "..", "..");

/** From the key to the refusal. */
export async function filesDemo(work: string, heading: (text: string) => void): Promise<void> {
  const refusals: string[][] = [];
  const refused = async (what: string, words: readonly string[]): Promise<void> => {
    const { status, lastLine } = await letterlock(work, words, { expectFailure: true });
    const code = /: ([a-z-]+): /.exec(lastLine)?.[1];
    if (code === undefined) throw new Error(`no error code in ${JSON.stringify(lastLine)}`);
    refusals.push([what, `${status}`, code]);
  };

  heading("1. A key, and something to seal: the sources of this repository, and 256 MiB of random bytes");
  await letterlock(work, ["keygen", "--name", "demo", "-o", "demo.key"]);
  await copySources(join(work, "files"));
  await writeRandom(join(work, "files", "large.bin"), 256);
  const originals = await digests(join(work, "files"));

  heading("2. Seal the folder, and look at one sealed file without a key");
  const sealing = await letterlock(work, ["encrypt", "files", "--to", "local:demo.key", "--context", "project=demo", "-o", "sealed"], {
    show: 3,
  });
  await letterlock(work, ["inspect", "sealed/README.md.ltrl"]);

  heading("3. Open it again, and compare every file with its original");
  const opening = await letterlock(work, ["decrypt", "sealed", "--with", "local:demo.key", "--context", "project=demo", "-o", "opened"], {
    show: 3,
  });
  const opened = await digests(join(work, "opened"));
  compare(originals, opened);
  console.log(`${originals.size} files, every SHA-256 digest is the original's`);

  heading("4. Add a passphrase to one file: its header is rewritten, its payload is not touched; then open it with the passphrase alone");
  await quietly.writePassphrase(join(work, "passphrase.txt"));
  const target = "sealed/README.md.ltrl";
  const forPassphrase = ["--passphrase-file", "passphrase.txt"];
  await letterlock(work, [
    "rewrap",
    target,
    "--with",
    "local:demo.key",
    "--to",
    "passphrase:backup",
    "--keep",
    "--context",
    "project=demo",
    ...forPassphrase,
  ]);
  await letterlock(work, [
    "decrypt",
    target,
    "--with",
    "passphrase:backup",
    "--context",
    "project=demo",
    ...forPassphrase,
    "-o",
    "from-passphrase.md",
  ]);
  const back = await digest(join(work, "from-passphrase.md"));
  if (back !== originals.get("README.md")) throw new Error("the passphrase opened something else");
  console.log("opened with the passphrase alone: the digest is the original's");

  heading("5. What is refused");
  const flipped = await flipByte(join(work, "sealed", "large.bin.ltrl"), 0.5);
  await refused(`byte ${flipped} of large.bin.ltrl flipped`, [
    "decrypt",
    "sealed/large.bin.ltrl",
    "--with",
    "local:demo.key",
    "--context",
    "project=demo",
    "-o",
    "never.bin",
  ]);
  await refused("another context", ["decrypt", target, "--with", "local:demo.key", "--context", "project=other", "-o", "never.md"]);
  await letterlock(work, ["keygen", "--name", "stranger", "-o", "stranger.key"]);
  await refused("a key that is no recipient", [
    "decrypt",
    target,
    "--with",
    "local:stranger.key",
    "--context",
    "project=demo",
    "-o",
    "never.md",
  ]);
  const left = (await readdir(work)).filter((name) => name.startsWith("never"));
  if (left.length > 0) throw new Error(`a refused file left something behind: ${left.join(", ")}`);
  console.log("nothing of a refused file was written");

  heading("6. In numbers");
  const plain = await sizes(join(work, "files"));
  const sealed = await sizes(join(work, "sealed"));
  const header = [["", "files", "bytes", "seconds", "MB/s"]];
  const rows = [
    ["sealed", `${plain.files}`, `${plain.bytes}`, sealing.seconds.toFixed(2), rate(plain.bytes, sealing.seconds)],
    ["opened", `${plain.files}`, `${plain.bytes}`, opening.seconds.toFixed(2), rate(plain.bytes, opening.seconds)],
  ];
  console.log(columns([...header, ...rows]));
  const overhead = sealed.bytes - plain.bytes;
  console.log(
    `\noverhead: ${overhead} bytes, ${(overhead / plain.files).toFixed(0)} a file, ${((100 * overhead) / plain.bytes).toFixed(3)} %\n`,
  );
  console.log(columns([["refused", "exit status", "code"], ...refusals]));
}

/** What git tracks or would track, so that neither node_modules nor a build is sealed. */
async function copySources(to: string): Promise<void> {
  const skipped = new Set(["node_modules", "dist", ".git", ".turbo", ".reports", ".servers", ".blocks"]);
  await mkdir(to);
  for (const name of await readdir(root)) {
    if (skipped.has(name)) continue;
    const filter = (source: string): boolean =>
      !relative(root, source)
        .split("/")
        .some((part) => skipped.has(part));
    await cp(join(root, name), join(to, name), { recursive: true, filter });
  }
}

async function writeRandom(path: string, mebibytes: number): Promise<void> {
  const file = await open(path, "wx");
  const chunk = new Uint8Array(2 ** 20);
  try {
    for (let i = 0; i < mebibytes; i++) {
      for (let at = 0; at < chunk.length; at += 65_536) crypto.getRandomValues(chunk.subarray(at, at + 65_536));
      await file.writeFile(chunk);
    }
  } finally {
    await file.close();
  }
}

function compare(expected: ReadonlyMap<string, string>, actual: ReadonlyMap<string, string>): void {
  if (actual.size !== expected.size) throw new Error(`${expected.size} files were sealed, ${actual.size} came back`);
  for (const [name, value] of expected) if (actual.get(name) !== value) throw new Error(`${name} came back changed`);
}

async function digests(folder: string): Promise<Map<string, string>> {
  const files = await filesIn(folder);
  return new Map(await Promise.all(files.map(async (path): Promise<[string, string]> => [relative(folder, path), await digest(path)])));
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest("hex");
}

async function sizes(folder: string): Promise<{ files: number; bytes: number }> {
  const all = await Promise.all((await filesIn(folder)).map(async (path) => (await stat(path)).size));
  return { files: all.length, bytes: all.reduce((sum, size) => sum + size, 0) };
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function rate(bytes: number, seconds: number): string {
  return (bytes / 1e6 / seconds).toFixed(0);
}
