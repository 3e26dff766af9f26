import { Buffer, isUtf8 } from "node:buffer";

// ignoreBOM: true keeps U+FEFF in the text (SPEC 10.4).
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** For use inside core: the bytes may lie in a pool. A string with a lone surrogate has no UTF-8 form: TypeError. */
export function encodeUtf8(name: string, text: string): Uint8Array {
  if (!text.isWellFormed()) throw new TypeError(`${name} must be well-formed Unicode (it has a lone surrogate)`);
  return Buffer.from(text);
}

/** undefined for bytes that are not well-formed UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string | undefined {
  return isUtf8(bytes) ? decoder.decode(bytes) : undefined;
}
