import { randomBytes } from "node:crypto";
import { createDataKey, localKek } from "@letterlock/core";
import { bareOneShot } from "./bare-one-shot.ts";
import { encryptionSdk } from "./encryption-sdk.ts";
import { interleaved, type Repeat } from "./interleaved.ts";
import { median, medianRatio } from "./median.ts";
import type { Outcome, Row } from "./row.ts";

const aad = Buffer.from("row:12345678");

/** A record of 100 bytes: what a column of a database holds. */
export async function recordRows(): Promise<Outcome[]> {
  const plaintext = new Uint8Array(randomBytes(100));
  const bare = bareOneShot(aad);
  const signed = encryptionSdk("signed");
  const unsigned = encryptionSdk("unsigned");
  const { key } = await createDataKey([localKek({ name: "bench", secret: randomBytes(32) })]);
  const record = key.seal(plaintext, { aad });
  const bareSealed = bare.seal(plaintext);
  const signedSealed = await signed.seal(plaintext);
  const unsignedSealed = await unsigned.seal(plaintext);
  const seal = await interleaved({
    ours: sync(() => key.seal(plaintext, { aad })),
    bare: sync(() => bare.seal(plaintext)),
    signed: async (times) => {
      for (let done = 0; done < times; done++) await signed.seal(plaintext);
    },
    unsigned: async (times) => {
      for (let done = 0; done < times; done++) await unsigned.seal(plaintext);
    },
  });
  const open = await interleaved({
    ours: sync(() => key.open(record, { aad })),
    bare: sync(() => bare.open(bareSealed)),
    signed: async (times) => {
      for (let done = 0; done < times; done++) await signed.open(signedSealed);
    },
    unsigned: async (times) => {
      for (let done = 0; done < times; done++) await unsigned.open(unsignedSealed);
    },
  });
  key[Symbol.dispose]();
  return [...rows("DataKey.seal, 100 B", seal), ...rows("DataKey.open, 100 B", open)];
}

function rows(what: string, times: Record<"ours" | "bare" | "signed" | "unsigned", number[]>): Row[] {
  const shared = { ours: microseconds(times.ours), unit: "x" } as const;
  const sdkRow = (peer: "signed" | "unsigned", which: string): Row => ({
    ...shared,
    what: `${what}, speed of the AWS Encryption SDK, ${which}`,
    peer: microseconds(times[peer]),
    result: medianRatio(times[peer], times.ours),
    bound: "at least",
    target: 40,
  });
  return [
    {
      ...shared,
      what: `${what}, time of a bare AES-256-GCM one-shot`,
      peer: microseconds(times.bare),
      result: medianRatio(times.ours, times.bare),
      bound: "at most",
      target: 2.2,
    },
    sdkRow("signed", "default suite"),
    sdkRow("unsigned", "without signatures"),
  ];
}

function sync(work: () => unknown): Repeat {
  return (times) => {
    for (let done = 0; done < times; done++) work();
  };
}

function microseconds(perRound: readonly number[]): string {
  return `${(median(perRound) * 1000).toFixed(2)} µs`;
}
