/** Where in its life a process was killed. */
export const deaths = [
  "before the first write",
  "while a draft is written",
  "between a draft and its rename",
  "in a rename",
  "between a rename and the sync of its folder",
  "in an update",
  "between two writes",
  "after the last write",
] as const;
export type Death = (typeof deaths)[number];

/** Of a process that told of its operations: what had begun and not ended when it died. */
export function deathIn(told: string): Death {
  const open = { c: 0, w: 0, s: 0, r: 0, f: 0, d: 0, u: 0 };
  let [drafts, renamed, runs] = [0, 0, 0];
  let [isRunning, hasWritten] = [false, false];
  for (const letter of told) {
    const lower = letter.toLowerCase() as keyof typeof open;
    if (lower in open) open[lower] += letter === lower ? 1 : -1;
    if (letter === "(") [isRunning, hasWritten, runs] = [true, false, runs + 1];
    if (letter === ")") isRunning = false;
    if ("cu".includes(letter)) hasWritten = true;
    if (letter === "S") drafts += 1;
    if (letter === "R") [drafts, renamed] = [Math.max(0, drafts - 1), renamed + 1];
    if (letter === "F") renamed = 0;
    if (letter === ")") [drafts, renamed] = [0, 0];
  }
  if (open.u > 0) return "in an update";
  if (open.r > 0) return "in a rename";
  if (open.f > 0 || renamed > 0) return "between a rename and the sync of its folder";
  if (open.c + open.w + open.s > 0) return "while a draft is written";
  if (drafts > 0) return "between a draft and its rename";
  if (isRunning && hasWritten) return "between two writes";
  return isRunning && runs <= 1 ? "before the first write" : "after the last write";
}
