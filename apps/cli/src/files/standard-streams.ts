import { fstatSync } from "node:fs";
import { failure, usage } from "../failure.ts";
import { discardDrafts } from "./draft.ts";
import { writeBatches } from "./write-batches.ts";

/** Standard input, as it comes. */
export async function* standardInput(onRead: (bytes: number) => void): AsyncGenerator<Buffer, void, undefined> {
  try {
    for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
      onRead(chunk.length);
      yield chunk;
    }
  } finally {
    process.stdin.destroy();
  }
}

/** Writes to standard output as the chunks come: only the exit status says that they are complete. */
export async function writeStandardOutput(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  if (fstatSync(1).isFile()) return writeBatches(chunks, 1, "standard output");
  let total = 0;
  for await (const chunk of chunks) {
    total += chunk.length;
    // An error ends the command: `endOnClosedOutput`.
    await new Promise<void>((resolve) => {
      process.stdout.write(chunk, (error) => {
        if (!error) resolve();
      });
    });
  }
  return total;
}

/** A terminal must not be sent what can change its state. Chunks pass until one looks binary. */
export async function* refuseBinary(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    if (chunk.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) {
      throw usage("the output is binary and would go to the terminal (-o PATH writes a file, `-o -` writes it here all the same)");
    }
    yield chunk;
  }
}

/** Ends the command when its output goes nowhere: what is half written is removed, and the status is not 0. */
export function endOnClosedOutput(report: (error: Error) => number): void {
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    discardDrafts();
    const what = code === "EPIPE" ? "nobody reads it any more" : code === "ENOSPC" ? "no space left on the device" : message;
    process.exit(report(failure("io-error", `standard output: ${what}; it is incomplete`)));
  });
  process.stderr.on("error", () => {});
}
