import { randomBytes } from "node:crypto";
import { localKek, openStream, sealStream } from "@letterlock/core";
import { bareSegments } from "./bare-segments.ts";
import { interleaved } from "./interleaved.ts";
import { median, medianRatio } from "./median.ts";
import type { Outcome, Row } from "./row.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const totalBytes = 256 * MiB;
const segments = totalBytes / (64 * KiB);
const aad = Buffer.from("file:12345678");
const effort = { rounds: 15, roundMs: 250 };

/** 256 MiB in memory on one thread. The source yields the same buffer again and again, and nobody keeps the output. */
export async function streamRows(): Promise<Outcome[]> {
  const keks = [localKek({ name: "bench", secret: randomBytes(32) })];
  const bare = bareSegments(aad);
  const rows: Row[] = [];
  for (const chunkBytes of [64 * KiB, MiB]) {
    const measured = await interleaved(
      {
        ours: async (times) => {
          for (let done = 0; done < times; done++) await drain(sealStream(repeated(chunkBytes), keks, { aad }));
        },
        bare: (times) => {
          for (let done = 0; done < times; done++) bare.seal(segments);
        },
      },
      effort,
    );
    rows.push(row(`sealStream, 256 MiB in chunks of ${chunkBytes / KiB} KiB`, measured));
  }
  const envelope: Uint8Array[] = [];
  for await (const chunk of sealStream(repeated(MiB), keks, { aad })) envelope.push(chunk);
  const sealed = Buffer.concat(envelope.splice(0));
  const bareSealed = bare.sealed(segments);
  for (const chunkBytes of [64 * KiB, MiB]) {
    const measured = await interleaved(
      {
        ours: async (times) => {
          for (let done = 0; done < times; done++) await drain(openStream(cut(sealed, chunkBytes), keks, { aad }));
        },
        bare: (times) => {
          for (let done = 0; done < times; done++) bare.open(bareSealed);
        },
      },
      effort,
    );
    rows.push(row(`openStream, 256 MiB in chunks of ${chunkBytes / KiB} KiB`, measured));
  }
  return rows;
}

function* repeated(chunkBytes: number): Generator<Uint8Array> {
  const chunk = new Uint8Array(chunkBytes);
  for (let sent = 0; sent < totalBytes; sent += chunkBytes) yield chunk;
}

function* cut(bytes: Uint8Array, chunkBytes: number): Generator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += chunkBytes) yield bytes.subarray(from, from + chunkBytes);
}

async function drain(stream: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}

function row(what: string, { ours, bare }: { readonly ours: number[]; readonly bare: number[] }): Row {
  return {
    what: `${what}, throughput of bare 64 KiB AES-256-GCM segments`,
    ours: megabytesPerSecond(ours),
    peer: megabytesPerSecond(bare),
    result: medianRatio(bare, ours),
    unit: "x",
    bound: "at least",
    target: 0.9,
  };
}

function megabytesPerSecond(perRound: readonly number[]): string {
  return `${(totalBytes / 1000 / median(perRound)).toFixed(0)} MB/s`;
}
