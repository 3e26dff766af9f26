import type { LetterlockErrorCode } from "../../src/index.ts";
import { type Region, type RegionName, regionAt } from "./object-regions.ts";
import type { Opener } from "./swept-objects.ts";

/** Codes, or the message itself: "same". */
export type SweepOutcome = LetterlockErrorCode | "same";

const framing: readonly SweepOutcome[] = ["malformed", "limit-exceeded"];

/** What one flipped bit in a region leads to. The other six depend on more than their name. */
const flipped: Readonly<
  Record<Exclude<RegionName, "type" | "keyId" | "provider" | "keyRef" | "keyVersion" | "wrapped">, readonly SweepOutcome[]>
> = {
  magic: ["malformed"],
  hlen: ["malformed"],
  suite: ["unsupported"],
  usage: ["malformed"],
  nctx: framing,
  flag: framing,
  klen: framing,
  key: ["malformed", "context-mismatch"],
  "value length": framing,
  value: ["malformed", "context-mismatch"],
  nrcp: framing,
  plen: framing,
  rlen: framing,
  "keyVersion length": framing,
  wlen: framing,
  mac: ["not-authentic"],
  salt: ["not-authentic"],
  segment: ["not-authentic"],
};

export function afterFlip(opener: Opener, region: Region, byte: number): readonly SweepOutcome[] {
  return seenThrough(opener, directlyAfterFlip(opener, region, byte));
}

function directlyAfterFlip(opener: Opener, { name, recipient = "" }: Region, byte: number): readonly SweepOutcome[] {
  switch (name) {
    case "type":
      return [isType(byte) ? "malformed" : "unsupported"];
    case "keyId":
      return [opener.otherKeyId ?? "not-authentic"];
    case "provider":
    case "keyRef":
      return ["malformed", opener.cached || opener.uses.some((keyRef) => keyRef !== recipient) ? "not-authentic" : "no-matching-kek"];
    case "keyVersion":
      return [byte >= 0x21 && byte <= 0x7e ? "same" : "malformed"];
    case "wrapped":
      return [opener.cached || opener.uses.some((keyRef) => keyRef !== recipient) ? "same" : "not-authentic"];
    default:
      return flipped[name];
  }
}

/** `length` bytes are left. */
export function afterCut(opener: Opener, regions: readonly Region[], length: number): readonly SweepOutcome[] {
  const salt = regions.find(({ name }) => name === "salt");
  if (salt === undefined || length < salt.start) return seenThrough(opener, ["malformed"]);
  return [length < salt.start + 24 + 16 ? "truncated" : "not-authentic"];
}

/** One byte more before `offset`. */
export function afterInsertion(opener: Opener, regions: readonly Region[], changed: Uint8Array, offset: number): readonly SweepOutcome[] {
  const region = offset < changed.length - 1 ? regionAt(regions, offset) : undefined;
  return seenThrough(opener, directlyAfterInsertion(regions, changed, offset, region));
}

function directlyAfterInsertion(
  regions: readonly Region[],
  changed: Uint8Array,
  offset: number,
  region: Region | undefined,
): readonly SweepOutcome[] {
  const has = (name: RegionName): boolean => regions.some((other) => other.name === name);
  if (offset < 3) return ["malformed"];
  if (offset === 3 && !isType(changed[3] ?? 0)) return ["unsupported"];
  if (region === undefined) return [has("salt") ? "not-authentic" : "malformed"];
  if (region.name === "salt" || region.name === "segment") return ["not-authentic"];
  // A record has no lengths. Behind a copy of its last byte the keyId is the same, and the payload has moved.
  if (!has("suite")) return ["unknown-key", "not-authentic"];
  // hlen still holds behind the last length: the last bytes of the header are now the first of the payload, and wrapped and mac have moved.
  const lastWrapped = regions.findLast(({ name }) => name === "wrapped");
  if (has("hlen") && (region === lastWrapped || region.name === "mac")) return ["not-authentic"];
  if (region.name === "type" || region.name === "hlen" || region.name === "suite") return ["malformed", "unsupported"];
  return framing;
}

function seenThrough({ translated }: Opener, outcomes: readonly SweepOutcome[]): readonly SweepOutcome[] {
  if (translated === undefined) return outcomes;
  return outcomes.map((outcome) => (outcome === "same" ? outcome : translated(outcome)));
}

function isType(byte: number): boolean {
  return byte === 0x11 || byte === 0x12 || byte === 0x13;
}
