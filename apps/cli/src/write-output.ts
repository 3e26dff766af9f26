import { stat } from "node:fs/promises";
import { usage } from "./failure.ts";
import { alreadyExists, type DraftOptions, draft } from "./files/draft.ts";
import { refuseBinary, writeStandardOutput } from "./files/standard-streams.ts";
import { writeBatches } from "./files/write-batches.ts";
import { isKeyFile, keyExists } from "./keks/key-file.ts";

export interface OutputOptions {
  readonly force?: boolean | undefined;
  /** `-o -` was said: binary on a terminal is meant. */
  readonly explicit: boolean;
  readonly mode: number;
}

/** Writes to the path, all or nothing, or to standard output as the chunks come. Resolves to the bytes written. */
export async function writeOutput(chunks: AsyncIterable<Uint8Array>, output: string, options: OutputOptions): Promise<number> {
  if (output === "-") {
    const careful = process.stdout.isTTY && !options.explicit && options.force !== true;
    return writeStandardOutput(careful ? refuseBinary(chunks) : chunks);
  }
  const replace = options.force === true;
  await refuseExisting(output, replace);
  return writeFile(chunks, output, { replace, mode: options.mode });
}

export async function writeFile(chunks: AsyncIterable<Uint8Array>, path: string, options: DraftOptions): Promise<number> {
  const made = draft(path, options);
  try {
    const bytes = await writeBatches(chunks, made.fd, path);
    await made.commit();
    return bytes;
  } finally {
    made.discard();
  }
}

/** What exists is found at the end too; here it saves the work. A device or a pipe would be replaced by a file, even under --force: never. */
async function refuseExisting(path: string, replace: boolean): Promise<void> {
  const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
  if (there === undefined) return;
  if (there.isDirectory()) throw usage(`${path} is a folder`);
  if (!there.isFile()) throw usage(`${path} is no regular file: \`-o -\` and a redirection write to devices and pipes`);
  if (isKeyFile(path)) throw keyExists(path);
  if (!replace) throw alreadyExists(path);
}
