/** One field of a protobuf message. A number is written as a varint, 0 as well; text as UTF-8. */
export function field(number: number, value: number | string | Uint8Array): Buffer {
  if (typeof value === "number") return Buffer.concat([varint(number << 3), varint(value)]);
  const bytes = Buffer.from(value);
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes]);
}

/** The length-delimited fields of a message, the last of each number; undefined where the bytes are no message. Fields of other kinds are skipped, as a parser of the service skips what it does not know. */
export function lengthDelimitedFields(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const fields = new Map<number, Uint8Array>();
  let at = 0;
  while (at < bytes.length) {
    const tag = readVarint(bytes, at);
    if (tag === undefined || tag.value >>> 3 === 0) return undefined;
    at = tag.end;
    const end = endOfValue(bytes, at, tag.value & 7);
    if (end === undefined) return undefined;
    if ((tag.value & 7) === 2) fields.set(tag.value >>> 3, bytes.subarray(end.start, end.end));
    at = end.end;
  }
  return fields;
}

function endOfValue(bytes: Uint8Array, at: number, wireType: number): { readonly start: number; readonly end: number } | undefined {
  const fixed = wireType === 1 ? 8 : wireType === 5 ? 4 : undefined;
  if (fixed !== undefined) return within(bytes, at, at + fixed);
  const number = wireType === 0 || wireType === 2 ? readVarint(bytes, at) : undefined;
  if (number === undefined) return undefined;
  return wireType === 0 ? within(bytes, at, number.end) : within(bytes, number.end, number.end + number.value);
}

function within(bytes: Uint8Array, start: number, end: number): { readonly start: number; readonly end: number } | undefined {
  return end <= bytes.length ? { start, end } : undefined;
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 0x7f) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  return Buffer.from([...bytes, rest]);
}

/** Ten bytes are the most that a varint has. */
function readVarint(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } | undefined {
  let value = 0;
  for (let at = start; at < Math.min(bytes.length, start + 10); at += 1) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - start));
    if (byte < 0x80) return { value, end: at + 1 };
  }
  return undefined;
}
