import { Buffer } from "node:buffer";
import type { Core } from "./context.ts";
import { envelopePrefixBytes, payloadOffsetOf } from "./object.ts";

// Parsing a header and checking its mac gives the same answer for the same bytes, so a cache need not do it twice. No key is kept here.

export interface RememberedHead {
  /** Where the cache keeps the key. */
  readonly slot: string;
  readonly core: Core;
}

export interface RememberedHeads {
  set(head: Uint8Array, keks: string, authenticatedOnly: boolean, value: RememberedHead): void;
  get(envelope: Uint8Array, keks: string, authenticatedOnly: boolean): (RememberedHead & { readonly payloadOffset: number }) | undefined;
  clear(): void;
}

/** Larger heads are parsed every time: several KEKs and a usual context take less. */
const maxHeadBytes = 2048;

export function rememberedHeads(maxEntries: number): RememberedHeads {
  const heads = new Map<string, RememberedHead>();
  return {
    set: (head, keks, authenticatedOnly, value) => {
      if (head.length > maxHeadBytes) return;
      heads.set(nameOf(head, head.length, keks, authenticatedOnly), value);
      for (const oldest of heads.keys()) {
        if (heads.size <= maxEntries) break;
        heads.delete(oldest);
      }
    },
    get: (envelope, keks, authenticatedOnly) => {
      if (heads.size === 0 || envelope.length < envelopePrefixBytes) return undefined;
      const payloadOffset = payloadOffsetOf(envelope);
      if (payloadOffset > envelope.length || payloadOffset > maxHeadBytes) return undefined;
      const head = heads.get(nameOf(envelope, payloadOffset, keks, authenticatedOnly));
      return head === undefined ? undefined : { ...head, payloadOffset };
    },
    clear: () => heads.clear(),
  };
}

/** The whole head, so that nothing in it can differ from what was checked. */
function nameOf(object: Uint8Array, end: number, keks: string, authenticatedOnly: boolean): string {
  return `${authenticatedOnly} ${keks} ${Buffer.from(object.buffer, object.byteOffset, end).toString("latin1")}`;
}
