import { compareKeys, firstKeysAfter, type S3Keys } from "./s3-list.ts";

/** Keys that begin alike, or one key. */
interface Piece {
  readonly start: string;
  /** About what share of everything lies in it. */
  readonly weight: number;
  /** There is more in it than a sample shows, so it can be cut further. */
  readonly isLarge: boolean;
}

/** As many as the service gives for a request. */
const sampleKeys = 1000;
/** Requests at the same time. */
const atOnce = 8;

/**
 * Up to `target - 1` keys, or beginnings of keys, that cut the bucket into parts of about the same size. The heaviest piece gives way to pieces by the next character,
 * as the keys have them, until none is heavier than half a part; pieces that a sample does not show the end of are taken to be as large as each other. A request tells a
 * thousand keys, and jumps over the rest of a piece. That two samples differ, because others write, makes other parts and loses nothing.
 */
export async function cutPoints(place: S3Keys, target: number): Promise<string[]> {
  let pieces: readonly Piece[] = [{ start: place.prefix, weight: 1, isLarge: true }];
  let left = 20 * target + 200;
  for (;;) {
    const heavy = pieces.filter(({ isLarge, weight }) => isLarge && weight > 1 / (2 * target)).sort(heaviestFirst);
    if (heavy.length === 0 || left <= 0) break;
    const cut = new Map(await Promise.all(heavy.slice(0, atOnce).map(async (piece) => [piece, await piecesOf(place, piece)] as const)));
    for (const { requests } of cut.values()) left -= requests;
    pieces = pieces.flatMap((piece) => cut.get(piece)?.pieces ?? [piece]);
  }
  return evenly(pieces, target);
}

function heaviestFirst(a: Piece, b: Piece): number {
  return b.weight - a.weight || compareKeys(a.start, b.start);
}

/** Of one piece, by the next character. A key that ends where the piece begins is in none of them, and still on one side of each cut. */
async function piecesOf(place: S3Keys, piece: Piece): Promise<{ readonly pieces: Piece[]; readonly requests: number }> {
  const within = { ...place, prefix: piece.start };
  const found: { readonly start: string; readonly keys: number; readonly isLarge: boolean }[] = [];
  let requests = 0;
  for (let after = piece.start; ; ) {
    const { keys, isAll } = await firstKeysAfter(within, after, sampleKeys);
    requests += 1;
    const groups = Map.groupBy(keys, (key) => withNext(key, piece.start));
    const last = [...groups.keys()].at(-1);
    if (requests === 1 && groups.size === 1 && !isAll) {
      // Most often a folder, or the zeros before a number: then one look tells that all keys have them.
      const start = common(keys[0] ?? "", keys.at(-1) ?? "");
      const beyond = successor(start);
      requests += 1;
      if (beyond !== undefined && (await firstKeysAfter(within, beyond, 1)).keys.length === 0)
        return { pieces: [{ ...piece, start }], requests };
    }
    for (const [start, group] of groups) {
      if (!isAll && start === last) found.push({ start, keys: sampleKeys, isLarge: true });
      else for (const key of group) found.push({ start: key, keys: 1, isLarge: false });
    }
    const next = last === undefined ? undefined : successor(last);
    if (isAll || next === undefined) break;
    after = next;
  }
  const all = found.reduce((sum, { keys }) => sum + keys, 0);
  return { pieces: found.map(({ start, keys, isLarge }) => ({ start, isLarge, weight: (piece.weight * keys) / all })), requests };
}

function withNext(key: string, start: string): string {
  return start + String.fromCodePoint(key.codePointAt(start.length) ?? 0);
}

/** Of whole characters. */
function common(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, /[\uD800-\uDBFF]/.test(a[length - 1] ?? "") ? length - 1 : length);
}

/** The same with the next character in its last place, for a jump over everything that begins with it. Undefined after the last character of all. */
function successor(text: string): string | undefined {
  const last = text.codePointAt(text.length - (/[\uDC00-\uDFFF]$/.test(text) ? 2 : 1)) ?? 0;
  if (last === 0x10ffff) return undefined;
  const next = last === 0xd7ff ? 0xe000 : last + 1;
  return text.slice(0, text.length - String.fromCodePoint(last).length) + String.fromCodePoint(next);
}

/** A cut before the first piece that begins in another part. */
function evenly(pieces: readonly Piece[], target: number): string[] {
  const cuts: string[] = [];
  let [sum, part] = [0, 0];
  for (const { start, weight } of pieces) {
    // Weights are sums of fractions.
    const begins = Math.min(target - 1, Math.floor(sum * target + 1e-9));
    if (begins > part) cuts.push(start);
    part = Math.max(part, begins);
    sum += weight;
  }
  return cuts;
}
