import { randomBytes } from "node:crypto";
import { createKeyCache, localKek, open, seal } from "@letterlock/core";
import { bareOneShot } from "./bare-one-shot.ts";
import { interleaved } from "./interleaved.ts";
import { median, medianRatio } from "./median.ts";
import type { Outcome, Row } from "./row.ts";

const aad = Buffer.from("row:12345678");

/** Whole envelopes of 1 KiB whose data key is in a cache: every header is parsed and checked, no provider is called. */
export async function cachedRows(): Promise<Outcome[]> {
  const plaintext = new Uint8Array(randomBytes(1024));
  const keks = [localKek({ name: "bench", secret: randomBytes(32) })];
  using cache = createKeyCache({ maxAgeMs: 3_600_000, maxUses: 2 ** 31, maxBytes: 2 ** 50, maxEntries: 100 });
  const bare = bareOneShot(aad);
  const options = { aad, cache, context: { tenant: "acme" } };
  const envelope = await seal(plaintext, keks, options);
  const bareSealed = bare.seal(plaintext);
  const sealing = await interleaved({
    ours: async (times) => {
      for (let done = 0; done < times; done++) await seal(plaintext, keks, options);
    },
    bare: (times) => {
      for (let done = 0; done < times; done++) bare.seal(plaintext);
    },
  });
  const opening = await interleaved({
    ours: async (times) => {
      for (let done = 0; done < times; done++) await open(envelope, keks, options);
    },
    bare: (times) => {
      for (let done = 0; done < times; done++) bare.open(bareSealed);
    },
  });
  return [row("seal, 1 KiB, cached data key", sealing), row("open, 1 KiB, cached data key", opening)];
}

function row(what: string, { ours, bare }: { readonly ours: number[]; readonly bare: number[] }): Row {
  return {
    what: `${what}, time of a bare AES-256-GCM one-shot`,
    ours: `${(median(ours) * 1000).toFixed(2)} µs`,
    peer: `${(median(bare) * 1000).toFixed(2)} µs`,
    result: medianRatio(ours, bare),
    unit: "x",
    bound: "at most",
    target: 3.5,
  };
}
