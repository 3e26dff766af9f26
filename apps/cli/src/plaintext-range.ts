import { open } from "node:fs/promises";
import { type Kek, type OpenOptions, openReader } from "@letterlock/core";
import { usage } from "./failure.ts";
import type { Chunks } from "./files/input-chunks.ts";
import type { Input, Inputs } from "./files/inputs.ts";

/** Bytes start (inclusive) to end (exclusive) of the plaintext; no end is the end of the plaintext. */
export interface PlaintextRange {
  readonly start: number;
  readonly end: number | undefined;
}

const pieceBytes = 64 * 65_536;

export function parseRange(text: string, inputs: Inputs, textForm: boolean): PlaintextRange {
  const [, start = "", end = ""] = /^(\d{1,15})-(\d{0,15})$/.exec(text) ?? [];
  if (start === "") throw usage(`--range ${text}: write A-B, bytes A up to but not B, or A- for the rest`);
  if (end !== "" && Number(start) > Number(end)) throw usage(`--range ${text}: it ends before it starts`);
  if (inputs.list.length > 1 || inputs.list[0]?.bytes === undefined) throw usage("--range reads from one file, not from a pipe or several");
  if (textForm) throw usage("--range cannot read from the text form");
  return { start: Number(start), end: end === "" ? undefined : Number(end) };
}

/** Reads only the head, the final segment and the segments of the range. The keys are used before the first chunk is asked for. */
export async function rangeChunks(input: Input, keks: readonly Kek[], range: PlaintextRange, options: OpenOptions): Promise<Chunks> {
  const file = await open(input.path, "r");
  try {
    const size = (await file.stat()).size;
    const read = async (start: number, end: number): Promise<Uint8Array> => {
      const bytes = Buffer.alloc(end - start);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, start);
      return bytes.subarray(0, bytesRead);
    };
    const reader = await openReader({ size, read }, keks, options);
    return pieces(file, reader, { start: range.start, end: range.end ?? Math.max(range.start, reader.plaintextBytes) });
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function* pieces(
  file: { close(): Promise<void> },
  reader: Awaited<ReturnType<typeof openReader>>,
  { start, end }: { start: number; end: number },
): Chunks {
  try {
    // The end is tried first, so that a range that is too long yields nothing at all.
    await reader.read({ start: end, end });
    for (let at = start; at < end; at += pieceBytes) yield await reader.read({ start: at, end: Math.min(end, at + pieceBytes) });
  } finally {
    reader[Symbol.dispose]();
    await file.close();
  }
}
