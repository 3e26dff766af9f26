import { closeSync, openSync } from "node:fs";
import { commandMissing, letterlock, peakMemory } from "./child.ts";
import type { Outcome } from "./row.ts";
import { localKeyFile, scratchFolder, writeSparseFile } from "./scratch-folder.ts";

const GiB = 2 ** 30;
const MB = 1e6;
const what = "Peak memory of the command";

/** The input is a sparse file, because 20 GiB of tmpfs is more memory than most machines have; the command reads it like any other. */
export async function memoryRows(): Promise<Outcome[]> {
  const missing = commandMissing();
  if (missing !== undefined) return [{ what, reason: missing }];
  const small = await peaks(1);
  const large = await peaks(10);
  if (typeof small === "string" || typeof large === "string")
    return [{ what, reason: [small, large].filter((peak) => typeof peak === "string").join("; ") }];
  return (["encrypt", "decrypt"] as const).flatMap((command) => {
    const ours = `${(large[command] / MB).toFixed(0)} MB`;
    return [
      {
        what: `${what}, ${command}, 10 GiB over 1 GiB`,
        ours,
        peer: `${(small[command] / MB).toFixed(0)} MB`,
        result: (large[command] - small[command]) / MB,
        unit: "MB",
        bound: "at most",
        target: 20,
      },
      { what: `${what}, ${command}, 10 GiB`, ours, peer: "", result: large[command] / MB, unit: "MB", bound: "at most", target: 200 },
    ];
  });
}

/** File to file for encrypt, file to standard output for decrypt. */
async function peaks(gibibytes: number): Promise<{ encrypt: number; decrypt: number } | string> {
  const folder = scratchFolder((gibibytes + 1.5) * GiB);
  if (typeof folder === "string") return folder;
  using scratch = folder;
  const kek = localKeyFile(scratch);
  const plain = scratch.path("plain");
  const sealed = scratch.path("sealed");
  writeSparseFile(plain, gibibytes * GiB);
  const encrypt = await peakMemory([letterlock, "encrypt", plain, "--to", kek, "-o", sealed], "ignore");
  const nowhere = openSync("/dev/null", "w");
  try {
    return { encrypt, decrypt: await peakMemory([letterlock, "decrypt", sealed, "--with", kek, "-o", "-"], nowhere) };
  } finally {
    closeSync(nowhere);
  }
}
