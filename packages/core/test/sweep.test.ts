import { Buffer } from "node:buffer";
import { describe, expect, test } from "vitest";
import type { Suite } from "../src/index.ts";
import { type Region, regionAt, regionsOf } from "./support/object-regions.ts";
import { outcomeOf } from "./support/outcome.ts";
import { afterCut, afterFlip, afterInsertion, type SweepOutcome } from "./support/sweep-outcomes.ts";
import { message, type Opener, type Swept, sweptObjects } from "./support/swept-objects.ts";

const suites: readonly Suite[] = ["aes-256-gcm", "chacha20-poly1305"];
const same = { result: "valid", value: Buffer.from(message).toString("hex") };

for (const suite of suites) {
  describe(`with ${suite}`, async () => {
    for (const swept of await sweptObjects(suite)) {
      const { object, name } = swept;
      const regions = regionsOf(object);

      test(`opens ${name} that is left alone`, async () => {
        for (const opener of swept.openers) expect(await outcomeOf(() => opener.run(object))).toEqual(same);
      });

      test(`refuses every flipped bit of ${name}, or opens the same message where SPEC 10.2 says so`, { timeout: 60_000 }, async () => {
        await sweep(swept, flips(object, regions));
      });

      test(`refuses every beginning of ${name}`, async () => {
        await sweep(swept, cuts(object, regions));
      });

      test(`refuses ${name} with one byte more, wherever it is`, { timeout: 60_000 }, async () => {
        await sweep(swept, insertions(object, regions));
      });
    }
  });
}

interface Change {
  readonly what: string;
  readonly changed: Uint8Array;
  readonly allowed: (opener: Opener) => readonly SweepOutcome[];
}

async function sweep({ openers }: Swept, changes: Iterable<Change>): Promise<void> {
  const unexpected: string[] = [];
  let count = 0;
  for (const { what, changed, allowed } of changes) {
    for (const opener of openers) {
      count++;
      const outcome = await outcomeOf(() => opener.run(changed));
      const got = outcome.result === "invalid" ? outcome.error : isSame(outcome) ? "same" : outcome.result;
      const expected = allowed(opener);
      if (!(expected as readonly string[]).includes(got))
        unexpected.push(`${opener.name}, ${what}: ${got} instead of ${expected.join(" or ")}`);
    }
  }
  expect(unexpected).toEqual([]);
  expect(count).toBeGreaterThan(0);
}

function isSame(outcome: object): boolean {
  return JSON.stringify(outcome) === JSON.stringify(same);
}

function* flips(object: Uint8Array, regions: readonly Region[]): Generator<Change> {
  for (let at = 0; at < object.length; at++) {
    const region = regionAt(regions, at);
    for (let bit = 0; bit < 8; bit++) {
      const changed = new Uint8Array(object);
      const byte = (object[at] ?? 0) ^ (1 << bit);
      changed[at] = byte;
      yield { what: `bit ${bit} of byte ${at} (${region.name})`, changed, allowed: (opener) => afterFlip(opener, region, byte) };
    }
  }
}

function* cuts(object: Uint8Array, regions: readonly Region[]): Generator<Change> {
  for (let length = 0; length < object.length; length++) {
    yield { what: `cut to ${length} bytes`, changed: object.slice(0, length), allowed: (opener) => afterCut(opener, regions, length) };
  }
}

function* insertions(object: Uint8Array, regions: readonly Region[]): Generator<Change> {
  for (let at = 0; at <= object.length; at++) {
    for (const byte of [0x00, 0xff, object[Math.max(0, at - 1)] ?? 0]) {
      const changed = new Uint8Array(Buffer.concat([object.subarray(0, at), Uint8Array.of(byte), object.subarray(at)]));
      yield { what: `${byte} inserted at ${at}`, changed, allowed: (opener) => afterInsertion(opener, regions, changed, at) };
    }
  }
}
