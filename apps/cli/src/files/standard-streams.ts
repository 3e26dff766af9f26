import { fstatSync } from "node:fs";
import { failure } from "../failure.ts";
import { discardDrafts } from "./draft.ts";
import { writeBatches } from "./write-batches.ts";

/** Standard input, gathered into chunks of a multiple of `segmentBytes` so that the consumer need not. */
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
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(chunk, (error) => (error ? reject(error) : resolve()));
    });
  }
  return total;
}

/** A terminal must not be sent what can change its state. Chunks pass until one looks binary. */
export async function* refuseBinary(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const chunk of chunks) {
    if (chunk.some((byte) => byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)) {
      throw failure(
        "usage",
        "the output is binary and would go to the terminal (-o PATH writes a file, `-o -` writes it here all the same)",
      );
    }
    yield chunk;
  }
}

/** Ends the command when nobody reads its output: what is half written goes, and the status is not 0. */
export function endOnClosedOutput(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    discardDrafts();
    if (error.code !== "EPIPE") process.stderr.write(`letterlock: standard output: ${error.message}\n`);
    else process.stderr.write("letterlock: nobody reads standard output any more; it is incomplete\n");
    process.exit(1);
  });
  process.stderr.on("error", () => {});
}
