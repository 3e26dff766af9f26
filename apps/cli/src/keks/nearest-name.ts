/** The name that somebody may have meant: at most a third of what was written is another character, or stands one place off. */
function nearestName(written: string, names: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(written.length / 3));
  const near = names.map((name) => ({ name, distance: distance(written, name, most) })).filter((one) => one.distance <= most);
  return near.sort((a, b) => a.distance - b.distance)[0]?.name;
}

/** What to add to a message; "" where no name is near. */
export function didYouMean(written: string, names: readonly string[]): string {
  const near = nearestName(written, names);
  return near === undefined ? "" : `; did you mean ${near}?`;
}

/** Insertions, deletions, replacements and swaps of neighbours, or more than `most`. */
function distance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const next = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (last[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const swapped = a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1] ? (before[column - 2] ?? 0) + 1 : Infinity;
      next.push(Math.min(replaced, (last[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1, swapped));
    }
    [before, last] = [last, next];
  }
  return last[b.length] ?? 0;
}
