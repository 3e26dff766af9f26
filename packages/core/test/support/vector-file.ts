import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import type { LetterlockErrorCode } from "../../src/index.ts";

// The published vectors, as SPEC section 11 describes the file.

/** Hex, or a list of hex strings and `[blob, from, to]` slices. */
export type VectorBytes = string | readonly (string | readonly [blob: string, from: number, to: number])[];
export type VectorData = VectorBytes | { readonly pattern: number; readonly from?: number };

export interface Vector {
  readonly id: string;
  readonly comment?: string;
  readonly result: "valid" | "invalid" | "misuse";
  readonly error?: LetterlockErrorCode;
}

export interface VectorKek {
  readonly provider: string;
  readonly keyRef: string;
  readonly secret?: string;
  readonly passphrase?: string;
  readonly keyBlob?: VectorBytes;
  readonly context?: Readonly<Record<string, string>>;
  readonly keks?: readonly string[];
  readonly responses?: readonly VectorResponse[];
}

export interface VectorResponse {
  readonly wrapped?: string;
  readonly keyVersion?: string;
  readonly key?: string;
  readonly error?: LetterlockErrorCode;
}

interface VectorFile {
  readonly format: string;
  readonly blobs: Readonly<Record<string, string>>;
  readonly keks: Readonly<Record<string, VectorKek>>;
  readonly groups: readonly { readonly op: string; readonly tests: readonly Vector[] }[];
}

export const vectorFile = JSON.parse(readFileSync(new URL("../../vectors/public.json", import.meta.url), "utf8")) as VectorFile;

export function vectorsOf(op: string): readonly Vector[] {
  return vectorFile.groups.filter((group) => group.op === op).flatMap((group) => group.tests);
}

export function bytesOf(bytes: VectorBytes): Uint8Array {
  if (typeof bytes === "string") return new Uint8Array(Buffer.from(bytes, "hex"));
  return new Uint8Array(
    Buffer.concat(bytes.map((item) => (typeof item === "string" ? Buffer.from(item, "hex") : blob(item[0]).subarray(item[1], item[2])))),
  );
}

export function dataOf(data: VectorData): Uint8Array {
  if (typeof data === "string" || !("pattern" in data)) return bytesOf(data);
  const from = data.from ?? 0;
  return Uint8Array.from({ length: data.pattern }, (_, i) => (from + i) % 251);
}

function blob(name: string): Buffer {
  return Buffer.from(vectorFile.blobs[name] ?? "", "base64");
}
