import { asStored, type Context, type OpenOptions } from "../../src/index.ts";
import { bytesOf, type Vector, type VectorBytes, type VectorData } from "./vector-file.ts";

/** The fields that the ops open, record and range share. */
export interface OpeningVector extends Vector {
  readonly object: VectorBytes;
  readonly context: Context;
  readonly asStored?: boolean;
  readonly aad: VectorBytes;
  readonly keks: readonly string[];
  readonly plaintext?: VectorData;
  readonly attempts?: readonly string[];
}

export function contextOf(vector: { readonly context: Context; readonly asStored?: boolean }): OpenOptions["context"] {
  return vector.asStored === true ? asStored(vector.context) : vector.context;
}

export function openOptionsOf(vector: OpeningVector): OpenOptions {
  return { context: contextOf(vector), aad: bytesOf(vector.aad) };
}
