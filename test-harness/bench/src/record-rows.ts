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
  const sdk = encryptionSdk();
  const { key } = await createDataKey([localKek({ name: "bench", secret: randomBytes(32) })]);
  const record = key.seal(plaintext, { aad });
  const bareSealed = bare.seal(plaintext);
  const sdkSealed = await sdk.seal(plaintext);
  const seal = await interleaved({
    ours: sync(() => key.seal(plaintext, { aad })),
    bare: sync(() => bare.seal(plaintext)),
    sdk: async (times) => {
      for (let done = 0; done < times; done++) await sdk.seal(plaintext);
    },
  });
  const open = await interleaved({
    ours: sync(() => key.open(record, { aad })),
    bare: sync(() => bare.open(bareSealed)),
    sdk: async (times) => {
      for (let done = 0; done < times; done++) await sdk.open(sdkSealed);
    },
  });
  key[Symbol.dispose]();
  return [...rows("DataKey.seal, 100 B", seal), ...rows("DataKey.open, 100 B", open)];
}

function rows(what: string, { ours, bare, sdk }: { readonly ours: number[]; readonly bare: number[]; readonly sdk: number[] }): Row[] {
  const shared = { ours: microseconds(ours), unit: "x" } as const;
  return [
    {
      ...shared,
      what: `${what}, time of a bare AES-256-GCM one-shot`,
      peer: microseconds(bare),
      result: medianRatio(ours, bare),
      bound: "at most",
      target: 2.2,
    },
    {
      ...shared,
      what: `${what}, speed of the AWS Encryption SDK`,
      peer: microseconds(sdk),
      result: medianRatio(sdk, ours),
      bound: "at least",
      target: 40,
    },
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
