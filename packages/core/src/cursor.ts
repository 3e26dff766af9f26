import { Buffer } from "node:buffer";
import { LetterlockError } from "./error.ts";

/** Reads fields in order. What it returns are views; an input that ends inside a field is "malformed" (SPEC 3.3). */
export interface Cursor {
  offset(): number;
  atEnd(): boolean;
  /** What was read since that offset. */
  since(offset: number): Uint8Array;
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
  const text = Buffer.from(input.buffer, input.byteOffset, input.length);
  let at = 0;
  const skip = (length: number): number => {
    if (length > input.length - at) throw malformed("the header ends inside a field");
    at += length;
    return at - length;
  };
  const u8 = (): number => input[skip(1)] as number;
  const bounded = (value: number, minimum: number, maximum: number, what: string): number => {
    if (value > maximum) throw limitExceeded(`${what}: ${value}; the maximum is ${maximum}`);
    if (value < minimum) throw malformed(`${what}: ${value}; the minimum is ${minimum}`);
    return value;
  };
  const latin1 = (length: number): string => {
    const start = skip(length);
    return text.toString("latin1", start, at);
  };
  return {
    offset: () => at,
    atEnd: () => at === input.length,
    since: (offset) => input.subarray(offset, at),
    u8,
    bytes: (length) => {
      const start = skip(length);
      return input.subarray(start, at);
    },
    length8: (minimum, maximum, what) => bounded(u8(), minimum, maximum, what),
    length16: (minimum, maximum, what) => {
      const start = skip(2);
      return bounded((input[start] as number) * 256 + (input[start + 1] as number), minimum, maximum, what);
    },
    text: latin1,
    visible: (length, what) => {
      const value = latin1(length);
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
