import { randomBytes } from "node:crypto";
import { createDataKey, localKek } from "@letterlock/core";
import { createKeyring, memoryKeyStore } from "@letterlock/keyring";
import { interleaved, type Repeat } from "./interleaved.ts";
import { median, medianRatio } from "./median.ts";
import type { Outcome, Row } from "./row.ts";

const aad = "row:12345678";
const context = { tenant: "acme" };

/** Records of 100 bytes through a ring whose key is warm, beside the data key itself. */
export async function keyringRows(): Promise<Outcome[]> {
  const plaintext = new Uint8Array(randomBytes(100));
  const keks = [localKek({ name: "bench", secret: randomBytes(32) })];
  const policy = { memory: { maxAgeMs: 3_600_000, maxKeys: 100 }, newKeyAfter: { ageMs: 86_400_000 }, graceMs: 3_600_000 };
  using ring = createKeyring({ keks, store: memoryKeyStore(), policy });
  const { key } = await createDataKey(keks, { context });
  const record = key.seal(plaintext, { aad });
  const ringRecord = await ring.seal(plaintext, { context, aad });
  const handle = ring.forContext(context);
  const seal = await interleaved({
    key: sync(() => key.seal(plaintext, { aad })),
    ring: sync(() => ring.sealSync(plaintext, { context, aad })),
    handle: sync(() => handle.sealSync(plaintext, { aad })),
  });
  const open = await interleaved({
    key: sync(() => key.open(record, { aad })),
    ring: sync(() => ring.openSync(ringRecord, { context, aad })),
    handle: sync(() => handle.openSync(ringRecord, { aad })),
  });
  key[Symbol.dispose]();
  return [...rows("seal", seal), ...rows("open", open)];
}

function rows(verb: "seal" | "open", times: Record<"key" | "ring" | "handle", number[]>): Row[] {
  const row = (subject: "ring" | "handle", what: string): Row => ({
    what: `${what}, 100 B, time of DataKey.${verb}`,
    ours: microseconds(times[subject]),
    peer: microseconds(times.key),
    result: medianRatio(times[subject], times.key),
    unit: "x",
    bound: "at most",
    target: 1.3,
  });
  return [row("ring", `ring.${verb}Sync`), row("handle", `${verb}Sync of a context's handle`)];
}

function sync(work: () => unknown): Repeat {
  return (times) => {
    for (let done = 0; done < times; done++) work();
  };
}

function microseconds(perRound: readonly number[]): string {
  return `${(median(perRound) * 1000).toFixed(2)} µs`;
}
