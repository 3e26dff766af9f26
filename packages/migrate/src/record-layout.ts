/** How a text file is made of records, and where the fields of a record stand. */
export interface RecordLayout {
  /** Cuts a file into records, each with its line break: put together again they are the file. */
  records(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer>;
  /** For one reading of a file, from its start. Rejects nothing: what cannot be read is a field that says so. */
  reader(): (record: Buffer, index: number) => readonly Field[];
}

export interface Field {
  /** Names the field in its file. */
  readonly id: string;
  /** What is stored: the text of an object, or what else stands there. */
  readonly value: string;
  /** What to write for another value. Undefined: the value is no text that could be an object. */
  readonly put: ((value: string) => Splice) | undefined;
  /** Why the record cannot be read. */
  readonly problem?: string | undefined;
}

/** A text in the place of another, in characters of the record. */
export interface Splice {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** A name, or a path of names; "*" stands for every element or member. */
export type FieldPath = string | readonly string[];

/** "a.b" is a path of two; a name with a dot in it is written as a list. */
export function readPaths(fields: readonly FieldPath[]): string[][] {
  const paths = Array.isArray(fields) ? fields.map((field: FieldPath) => (typeof field === "string" ? field.split(".") : [...field])) : [];
  if (paths.length === 0 || paths.some((path) => path.length === 0 || path.some((name) => typeof name !== "string" || name === "")))
    throw new TypeError("fields must be a list of names or paths, at least one");
  return paths;
}

export interface Lines {
  /** A line break is no end of a record after an odd number of this byte: one in quotes. */
  readonly quote?: number | undefined;
  /** A record is in memory as a whole; one that is larger is an error. */
  readonly mostBytes?: number | undefined;
}

/** Lines with their line breaks. Each byte is looked at once, also where a quote is never closed. */
export async function* cutAtLines(
  chunks: AsyncIterable<Buffer>,
  { quote, mostBytes = 256 * 1024 * 1024 }: Lines = {},
): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  let [index, bytes, isInQuotes] = [0, 0, false];
  const look = (part: Buffer): void => {
    bytes += part.length;
    if (quote === undefined) return;
    for (let at = part.indexOf(quote); at !== -1; at = part.indexOf(quote, at + 1)) isInQuotes = !isInQuotes;
  };
  for await (const chunk of chunks) {
    let [start, from] = [0, 0];
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, from)) {
      look(chunk.subarray(from, end + 1));
      from = end + 1;
      if (isInQuotes) continue;
      parts.push(chunk.subarray(start, from));
      yield parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts);
      [parts, start, bytes] = [[], from, 0];
      index += 1;
    }
    look(chunk.subarray(from));
    if (start < chunk.length) parts.push(Buffer.from(chunk.subarray(start)));
    if (bytes > mostBytes)
      throw new Error(`record ${index + 1} is larger than ${mostBytes} bytes${isInQuotes ? ", and a quote in it is not closed" : ""}`);
  }
  if (parts.length > 0) yield Buffer.concat(parts);
}

const newline = 0x0a;

/** The record with each of these in its place. A record may hold a million: it is put together once. */
export function withSplices(record: Buffer, splices: readonly Splice[]): Buffer {
  const whole = decoded(record);
  if (whole === undefined) throw new Error("the record is no UTF-8");
  const pieces: string[] = [];
  let at = 0;
  for (const { from, to, text } of [...splices].sort((a, b) => a.from - b.from)) {
    pieces.push(whole.slice(at, from), text);
    at = to;
  }
  return Buffer.from([...pieces, whole.slice(at)].join(""));
}

/** Undefined: it is no UTF-8. A byte order mark stays where it is. */
export function decoded(record: Buffer): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(record);
  } catch {
    return undefined;
  }
}
