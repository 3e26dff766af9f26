import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import { mask } from "./counting-kek.ts";

const pieceBytes = 8;
const chunkBytes = 1 << 20;
/** A key as it is, and as the two pads of an HMAC hold it (RFC 2104). */
const pads = [0, 0x36, 0x5c];

/**
 * Searches this process for 8-byte pieces of secrets, because a freed block loses its first bytes to the allocator. `maskedSecrets` are the secrets XOR
 * `mask`: no needle of more than four bytes exists in plain, and what was read is zeroed before the next read, so that the search does not find itself.
 * Names the regions where something was found. A count would not be exact, because a read that covers the buffer of the search sees itself.
 */
export function scanOwnMemory(maskedSecrets: readonly Uint8Array[]): string[] {
  const found = new Set<string>();
  const buffer = Buffer.alloc(chunkBytes + pieceBytes);
  const memory = openSync("/proc/self/mem", "r");
  try {
    for (const { from, to, name } of writableRegions()) {
      for (let at = from; at < to; at += chunkBytes) {
        const length = readInto(memory, buffer, at, Math.min(to - at, buffer.length));
        for (const secret of maskedSecrets) {
          for (const pad of pads) if (holdsPiece(buffer.subarray(0, length), secret, mask ^ pad)) found.add(name);
        }
        buffer.fill(0);
      }
    }
  } finally {
    closeSync(memory);
  }
  return [...found];
}

/** `by`: masked XOR this is what to look for. */
function holdsPiece(chunk: Buffer, masked: Uint8Array, by: number): boolean {
  const start = Buffer.alloc(4);
  try {
    for (let offset = 0; offset + pieceBytes <= masked.length; offset += pieceBytes) {
      for (let i = 0; i < start.length; i++) start[i] = (masked[offset + i] ?? 0) ^ by;
      for (let at = chunk.indexOf(start); at >= 0; at = chunk.indexOf(start, at + 1)) {
        if (masked.subarray(offset, offset + pieceBytes).every((byte, i) => ((chunk[at + i] ?? 0) ^ by) === byte)) return true;
      }
    }
    return false;
  } finally {
    start.fill(0);
  }
}

function readInto(memory: number, buffer: Buffer, at: number, length: number): number {
  try {
    return readSync(memory, buffer, 0, length, at);
  } catch {
    // A page that was unmapped since the list was read.
    return 0;
  }
}

function writableRegions(): { from: number; to: number; name: string }[] {
  const lines = readFileSync("/proc/self/maps", "utf8").split("\n");
  return lines.flatMap((line) => {
    const [, from = "", to = "", name = ""] = /^([0-9a-f]+)-([0-9a-f]+) rw\S* \S+ \S+ \S+\s*(.*)$/.exec(line) ?? [];
    return from === "" || name === "[vvar]"
      ? []
      : [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16), name: name || "anonymous" }];
  });
}
