import { Buffer } from "node:buffer";
import { LetterlockError } from "./error.ts";

/** Reads fields in order. What it returns are views; an input that ends inside a field is "malformed" (SPEC 3.3). */
export interface Cursor {
  offset(): number;
  atEnd(): boolean;
  u8(): number;
  bytes(length: number): Uint8Array;
  /** A count or length, checked against its bounds before what it counts is read. */
  length8(minimum: number, maximum: number, what: string): number;
  length16(minimum: number, maximum: number, what: string): number;
  /** One character per byte; the caller checks the grammar. */
  text(length: number): string;
  /** Bytes 0x21 to 0x7E. */
  visible(length: number, what: string): string;
}

export function cursor(input: Uint8Array): Cursor {
  let at = 0;
  const bytes = (length: number): Uint8Array => {
    if (length > input.length - at) throw malformed("the header ends inside a field");
    at += length;
    return input.subarray(at - length, at);
  };
  const u8 = (): number => bytes(1)[0] as number;
  const bounded = (value: number, minimum: number, maximum: number, what: string): number => {
    if (value > maximum) throw limitExceeded(`${what}: ${value}; the maximum is ${maximum}`);
    if (value < minimum) throw malformed(`${what}: ${value}; the minimum is ${minimum}`);
    return value;
  };
  const text = (length: number): string => Buffer.from(bytes(length)).toString("latin1");
  return {
    offset: () => at,
    atEnd: () => at === input.length,
    u8,
    bytes,
    length8: (minimum, maximum, what) => bounded(u8(), minimum, maximum, what),
    length16: (minimum, maximum, what) => {
      const [high, low] = bytes(2) as unknown as [number, number];
      return bounded(high * 256 + low, minimum, maximum, what);
    },
    text,
    visible: (length, what) => {
      const value = text(length);
      if (!isVisible(value)) throw malformed(`a ${what} has a byte outside 0x21 to 0x7E`);
      return value;
    },
  };
}

/** Bytes 0x21 to 0x7E only; the empty string too. */
export function isVisible(text: string): boolean {
  return /^[\x21-\x7e]*$/.test(text);
}

/** Unsigned bytes, the first difference decides; a proper prefix is smaller. */
export function byteOrder(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b);
}

export function malformed(message: string): LetterlockError {
  return new LetterlockError("malformed", message);
}

export function limitExceeded(message: string): LetterlockError {
  return new LetterlockError("limit-exceeded", message);
}
