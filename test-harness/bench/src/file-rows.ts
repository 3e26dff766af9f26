import { spawnSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { commandMissing, letterlock, timed } from "./child.ts";
import { turns } from "./interleaved.ts";
import { median, medianRatio } from "./median.ts";
import type { Outcome, Row } from "./row.ts";
import { localKeyFile, type ScratchFolder, scratchFolder, writeRandomFile } from "./scratch-folder.ts";

const GiB = 2 ** 30;
const rounds = 7;
const barePipeline = fileURLToPath(new URL("./bare-pipeline.mjs", import.meta.url));
const what = "1 GiB file on tmpfs through the command";

/** Wall time of whole processes, start included, from a file to a new file. */
export async function fileRows(): Promise<Outcome[]> {
  const missing = commandMissing();
  if (missing !== undefined) return [{ what, reason: missing }];
  const folder = scratchFolder(8.5 * GiB);
  if (typeof folder === "string") return [{ what, reason: folder }];
  using scratch = folder;
  writeRandomFile(scratch.path("plain"), GiB);
  const age = ageRuns(scratch);
  const ours = ourRuns(scratch);
  const bare = bareRuns(scratch);
  const rows: Outcome[] = [];
  for (const direction of ["seal", "open"] as const) {
    const absent = async (): Promise<number> => Number.NaN;
    const times = await turns({ ours: ours[direction], bare: bare[direction], age: age?.[direction] ?? absent }, rounds);
    const name = `${what}, ${direction === "seal" ? "encrypt" : "decrypt"}`;
    rows.push(row(`${name}, time of a bare createCipheriv pipeline`, times.ours, times.bare, "at most", 1.15));
    if (age === undefined) rows.push({ what: `${name}, time of age`, reason: "age is not installed (Debian package: age)" });
    else rows.push(row(`${name}, time of age`, times.ours, times.age, "at most", 1));
  }
  if ((await digest(scratch.path("opened"))) !== (await digest(scratch.path("plain"))))
    throw new Error("the command gave back another file");
  return rows;
}

type Runs = Record<"seal" | "open", () => Promise<number>>;

function ourRuns(folder: ScratchFolder): Runs {
  const kek = localKeyFile(folder);
  return {
    seal: run(folder.path("sealed"), (out) => [process.execPath, letterlock, "encrypt", folder.path("plain"), "--to", kek, "-o", out]),
    open: run(folder.path("opened"), (out) => [process.execPath, letterlock, "decrypt", folder.path("sealed"), "--with", kek, "-o", out]),
  };
}

function bareRuns(folder: ScratchFolder): Runs {
  const program = (direction: string, from: string, out: string): string[] => [process.execPath, barePipeline, direction, key, from, out];
  const key = randomBytes(32).toString("hex");
  return {
    seal: run(folder.path("bare-sealed"), (out) => program("seal", folder.path("plain"), out)),
    open: run(folder.path("bare-opened"), (out) => program("open", folder.path("bare-sealed"), out)),
  };
}

function ageRuns(folder: ScratchFolder): Runs | undefined {
  const identity = folder.path("age-identity");
  const made = spawnSync("age-keygen", ["-o", identity]);
  if (made.error !== undefined) return undefined;
  const recipient = spawnSync("age-keygen", ["-y", identity]).stdout.toString().trim();
  return {
    seal: run(folder.path("age-sealed"), (out) => ["age", "-r", recipient, "-o", out, folder.path("plain")]),
    open: run(folder.path("age-opened"), (out) => ["age", "-d", "-i", identity, "-o", out, folder.path("age-sealed")]),
  };
}

/** Every run writes a new file; removing the last one is not measured. */
function run(output: string, commandTo: (output: string) => string[]): () => Promise<number> {
  const [program = "", ...args] = commandTo(output);
  return async () => {
    rmSync(output, { force: true });
    return timed(program, args);
  };
}

function row(name: string, ours: number[], peer: number[], bound: Row["bound"], target: number): Row {
  return { what: name, ours: seconds(ours), peer: seconds(peer), result: medianRatio(ours, peer), unit: "x", bound, target };
}

function seconds(perRound: readonly number[]): string {
  return `${(median(perRound) / 1000).toFixed(2)} s`;
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash);
  return hash.digest("hex");
}
