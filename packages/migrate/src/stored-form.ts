import { fromText, inspect, LetterlockError, type ObjectInfo, toText } from "@letterlock/core";

/** How an object is written down: as its bytes, or as text with perhaps a line break after it. */
export type StoredForm = { readonly form: "bytes" } | { readonly form: "text"; readonly after: string };

/** Enough of any object, in either form, to hold its header: 45,687 bytes, a third more as text (SPEC 9.1). */
export const headBytes = 61_440;

/** Before the header of an envelope (SPEC section 2). */
const envelopePrefixBytes = 6;
const magic = Uint8Array.of(0x96, 0xda, 0xe5);
const textStart = new Uint8Array(Buffer.from("ltrl"));

/** Undefined: not ours. */
export function formOf(stored: Uint8Array): StoredForm | undefined {
  if (beginsWith(stored, magic)) return { form: "bytes" };
  if (!beginsWith(stored, textStart)) return undefined;
  const end = Buffer.from(stored.subarray(-2)).toString("latin1");
  return { form: "text", after: end.endsWith("\r\n") ? "\r\n" : end.endsWith("\n") ? "\n" : "" };
}

/** The bytes of the object. What is not its canonical form is "malformed". */
export function readForm(stored: Uint8Array, form: StoredForm): Uint8Array {
  if (form.form === "bytes") return stored;
  return fromText(Buffer.from(stored.subarray(0, stored.length - form.after.length)).toString("latin1"));
}

/** What follows the header of an envelope: a view. Empty where there is none, as in a key blob. */
export function payloadOf(object: Uint8Array, info: ObjectInfo): Uint8Array {
  return object.subarray(info.type === "envelope" ? envelopePrefixBytes + info.header.bytes : object.length);
}

/** As it was written down before. */
export function writeForm(object: Uint8Array, form: StoredForm): Uint8Array {
  return form.form === "bytes" ? object : Buffer.from(toText(object) + form.after, "latin1");
}

/** What a head says of the whole. `size` is that of what is stored. */
export function inspectHead(head: Uint8Array, size: number, form: StoredForm): ObjectInfo {
  if (head.length >= size) return inspect(readForm(head, form));
  if (form.form === "bytes") return inspect(head, { size });
  const whole = head.subarray(0, head.length - (head.length % 4));
  const text = Buffer.from(whole).toString("latin1");
  if (!/^[A-Za-z0-9_-]*$/.test(text)) throw new LetterlockError("malformed", "not canonical base64url without padding");
  const prefix = new Uint8Array(Buffer.from(text, "base64url"));
  // Whether a line break is at its end does not show yet.
  const sizes = ["", "\n", "\r\n"].map((after) => Math.max(prefix.length, Math.floor(((size - after.length) * 3) / 4)));
  const infos = sizes.map((bytes) => inspect(prefix, { size: bytes }));
  return infos.find((info) => info.type !== "envelope" || info.plaintextBytes !== undefined) ?? (infos[0] as ObjectInfo);
}

function beginsWith(bytes: Uint8Array, start: Uint8Array): boolean {
  for (let i = 0; i < start.length; i++) if (bytes[i] !== start[i]) return false;
  return true;
}
