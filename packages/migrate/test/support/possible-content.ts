/** A file as a power failure finds it: what is on the disk for sure, and what was written since. */
export interface UnsyncedFile {
  /** Empty for a file that was never synced. */
  durable: Buffer;
  /** In order, each at its place. */
  readonly pending: { readonly at: number; readonly bytes: Buffer }[];
}

/** What a disk writes in one piece. Smaller than any real one, so that small files have several. */
const sectorBytes = 64;
const mostStates = 512;

export function contentOf({ durable, pending }: UnsyncedFile): Buffer {
  const length = Math.max(durable.length, ...pending.map(({ at, bytes }) => at + bytes.length));
  const content = Buffer.alloc(length);
  durable.copy(content);
  for (const { at, bytes } of pending) bytes.copy(content, at);
  return content;
}

/**
 * Everything that may be left of it: each sector is as it was synced, or as any write since has made it; a sector that was never written is zeros; and the file is as long as
 * it was synced, or as any write or sector since has made it. Where those are more than 512, so many of them, drawn by `random`, with the two ends among them.
 */
export function possibleContents(file: UnsyncedFile, random: () => number): Buffer[] {
  if (file.pending.length === 0) return [file.durable];
  const whole = contentOf(file);
  const sectors = Array.from({ length: Math.ceil(whole.length / sectorBytes) }, (_, i) => versionsOf(file, i, whole.length));
  const lengths = lengthsOf(file, whole.length);
  const all = sectors.reduce((count, versions) => count * versions.length, lengths.length);
  const at = (pick: (choices: number) => number): Buffer => {
    const content = Buffer.concat(sectors.map((versions) => versions[pick(versions.length)] as Buffer));
    return content.subarray(0, lengths[pick(lengths.length)]);
  };
  if (all <= mostStates) return Array.from({ length: all }, (_, i) => at(digitsOf(i)));
  const ends = [at(() => 0), at((choices) => choices - 1)];
  return [...ends, ...Array.from({ length: mostStates }, () => at((choices) => Math.floor(random() * choices)))];
}

/** A number of mixed radix: every combination has one. */
function digitsOf(index: number): (choices: number) => number {
  let rest = index;
  return (choices) => {
    const digit = rest % choices;
    rest = Math.floor(rest / choices);
    return digit;
  };
}

function versionsOf({ durable, pending }: UnsyncedFile, sector: number, length: number): Buffer[] {
  const from = sector * sectorBytes;
  const base = Buffer.alloc(Math.min(sectorBytes, length - from));
  durable.subarray(from, from + base.length).copy(base);
  const versions = [base];
  for (const { at, bytes } of pending) {
    if (at >= from + base.length || at + bytes.length <= from) continue;
    const next = Buffer.from(versions.at(-1) ?? base);
    const begin = Math.max(at, from);
    bytes.subarray(begin - at, from + base.length - at).copy(next, begin - from);
    versions.push(next);
  }
  return versions;
}

function lengthsOf({ durable, pending }: UnsyncedFile, length: number): number[] {
  const lengths = new Set([durable.length, ...pending.map(({ at, bytes }) => at + bytes.length)]);
  for (let boundary = 0; boundary < length; boundary += sectorBytes) if (boundary >= durable.length) lengths.add(boundary);
  return [...lengths].filter((one) => one >= durable.length).sort((a, b) => a - b);
}
