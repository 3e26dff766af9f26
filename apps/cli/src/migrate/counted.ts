/** A number for people: "20,003". */
export function counted(count: number): string {
  return count.toLocaleString("en-US");
}

/** "1 object", "2 objects". */
export function countedOf(count: number, one: string, several: string = `${one}s`): string {
  return `${counted(count)} ${count === 1 ? one : several}`;
}

export function byteSize(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export function timeSpan(seconds: number): string {
  if (seconds < 1) return "less than a second";
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${counted(Math.floor(minutes / 60))} h ${minutes % 60} min`;
}
