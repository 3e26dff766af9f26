import type { RangeSource } from "../../src/index.ts";

export interface Read {
  readonly start: number;
  readonly end: number;
}

/** Bytes in memory as a RangeSource that remembers what was read. */
export function recordedSource(bytes: Uint8Array): RangeSource & { readonly reads: readonly Read[] } {
  const reads: Read[] = [];
  return {
    size: bytes.length,
    reads,
    read: async (start, end) => {
      if (start < 0 || start > end || end > bytes.length) throw new Error(`read of ${start} to ${end} from ${bytes.length} bytes`);
      reads.push({ start, end });
      return bytes.slice(start, end);
    },
  };
}
