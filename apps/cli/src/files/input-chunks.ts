import { createReadStream } from "node:fs";
import { fromText, toText } from "@letterlock/core";
import { fileChunks } from "./file-chunks.ts";
import type { FileVersion } from "./file-version.ts";
import type { Input } from "./inputs.ts";
import { standardInput } from "./standard-streams.ts";

export type Chunks = AsyncGenerator<Uint8Array, void, undefined>;
export type OnRead = (bytes: number) => void;

export interface Reading {
  readonly start: number;
  readonly chunkBytes: number;
  readonly version?: FileVersion | undefined;
  readonly onRead: OnRead;
}

/** The bytes of an input. Pipes and devices cannot be read from the middle and have no version: `start` is 0 for them. */
export function inputChunks(input: Input, reading: Reading): Chunks {
  if (input.path === "-") return standardInput(reading.onRead);
  if (input.bytes === undefined) return pipeChunks(input.path, reading.onRead);
  return fileChunks({ path: input.path, ...reading });
}

export async function* chain(...parts: readonly (AsyncIterable<Uint8Array> | Iterable<Uint8Array>)[]): Chunks {
  for (const part of parts) yield* part;
}

/** Objects in their text form. The text is one base64url string, so whole groups of three bytes are whole groups of four characters. */
export async function* textOf(chunks: AsyncIterable<Uint8Array>): Chunks {
  let left: Uint8Array = new Uint8Array(0);
  for await (const chunk of chunks) {
    const bytes = Buffer.concat([left, chunk]);
    const whole = bytes.length - (bytes.length % 3);
    if (whole > 0) yield Buffer.from(toText(bytes.subarray(0, whole)), "latin1");
    left = bytes.subarray(whole);
  }
  if (left.length > 0) yield Buffer.from(toText(left), "latin1");
}

/** The reverse. One line end after the text is allowed, because editors and echo add it. */
export async function* bytesOfText(chunks: AsyncIterable<Uint8Array>): Chunks {
  let left = "";
  for await (const chunk of chunks) {
    const text = left + Buffer.from(chunk).toString("latin1");
    // What may be the end waits: the last group of characters and a line end.
    const whole = Math.max(0, text.length - 6 - ((text.length - 6) % 4));
    if (whole > 0) yield fromText(text.slice(0, whole));
    left = text.slice(whole);
  }
  yield fromText(left.replace(/\r?\n$/, ""));
}

async function* pipeChunks(path: string, onRead: OnRead): Chunks {
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    onRead(chunk.length);
    yield chunk;
  }
}
