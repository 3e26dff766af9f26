/** Zeroes the data key that unwrap or generate gave when nobody waited for it any more, because then nobody else will. */
export function zeroLateKey(late: unknown): void {
  if (late instanceof Uint8Array) late.fill(0);
  else if (typeof late === "object" && late !== null && "dataKey" in late && late.dataKey instanceof Uint8Array) late.dataKey.fill(0);
}
