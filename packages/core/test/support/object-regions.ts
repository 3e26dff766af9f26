import type { Header } from "../../src/header.ts";
import { parseObject } from "../../src/object.ts";

/** What a byte of an object is, in the words of SPEC sections 2, 3 and 5. The lengths are regions of their own: they frame what follows them. */
export type RegionName =
  | "magic"
  | "type"
  | "hlen"
  | "suite"
  | "usage"
  | "nctx"
  | "flag"
  | "klen"
  | "key"
  | "value length"
  | "value"
  | "keyId"
  | "nrcp"
  | "plen"
  | "provider"
  | "rlen"
  | "keyRef"
  | "keyVersion length"
  | "keyVersion"
  | "wlen"
  | "wrapped"
  | "mac"
  | "salt"
  | "segment";

export interface Region {
  readonly name: RegionName;
  readonly start: number;
  readonly end: number;
  /** keyRef of the recipient that the bytes belong to. */
  readonly recipient: string | undefined;
}

/** Every byte of a valid object whose payload, if it has one, is a single segment. */
export function regionsOf(object: Uint8Array): readonly Region[] {
  const parsed = parseObject(object, ["envelope", "key-blob", "record"]);
  const regions: Region[] = [];
  const add = (name: RegionName, length: number, recipient?: string): void => {
    const start = regions.at(-1)?.end ?? 0;
    if (length > 0) regions.push({ name, start, end: start + length, recipient });
  };
  add("magic", 3);
  add("type", 1);
  if (parsed.type === "record") add("keyId", 32);
  else {
    if (parsed.type === "envelope") add("hlen", 2);
    addHeader(parsed.header, add);
  }
  if (parsed.type !== "key-blob") {
    add("salt", 24);
    add("segment", object.length - parsed.payloadOffset - 24);
  }
  const end = regions.at(-1)?.end;
  if (end !== object.length) throw new Error(`the regions end at ${end}, the object at ${object.length}`);
  return regions;
}

export function regionAt(regions: readonly Region[], offset: number): Region {
  const region = regions.find(({ start, end }) => start <= offset && offset < end);
  if (region === undefined) throw new Error(`no region at ${offset}`);
  return region;
}

function addHeader(header: Header, add: (name: RegionName, length: number, recipient?: string) => void): void {
  add("suite", 1);
  add("usage", 1);
  add("nctx", 1);
  for (const { keyBytes, valueBytes } of header.pairs) {
    add("flag", 1);
    add("klen", 1);
    add("key", keyBytes.length);
    if (valueBytes === undefined) continue;
    add("value length", 2);
    add("value", valueBytes.length);
  }
  add("keyId", 32);
  add("nrcp", 1);
  for (const { provider, keyRef, keyVersion, wrapped } of header.recipients) {
    add("plen", 1, keyRef);
    add("provider", provider.length, keyRef);
    add("rlen", 1, keyRef);
    add("keyRef", keyRef.length, keyRef);
    add("keyVersion length", 1, keyRef);
    add("keyVersion", keyVersion?.length ?? 0, keyRef);
    add("wlen", 2, keyRef);
    add("wrapped", wrapped.length, keyRef);
  }
  add("mac", 32);
}
