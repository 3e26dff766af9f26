export interface Progress {
  /** How many bytes the whole command works on; undefined where that is not known. */
  expect(bytes: number | undefined): void;
  add(bytes: number): void;
  clear(): void;
}

interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

const quietMs = 1000;
const redrawMs = 100;

/** A bar with rate and time left, on a terminal, for work that takes longer than a second. It draws when bytes are added, so it needs no timer. */
export function createProgress(screen: Screen, options: { readonly shown: boolean; readonly now?: () => number }): Progress {
  const now = options.now ?? performance.now.bind(performance);
  const shown = options.shown && screen.isTTY === true;
  const started = now();
  let drawn: number | undefined;
  let total: number | undefined;
  let done = 0;

  return {
    expect(bytes) {
      total = bytes;
    },
    add(bytes) {
      done += bytes;
      if (!shown) return;
      const time = now();
      if (time - started < quietMs || (drawn !== undefined && time - drawn < redrawMs)) return;
      drawn = time;
      screen.write(`\r\x1b[K${progressLine(done, total, (time - started) / 1000, screen.columns ?? 80)}`);
    },
    clear() {
      if (drawn === undefined) return;
      drawn = undefined;
      screen.write("\r\x1b[K");
    },
  };
}

export function progressLine(done: number, total: number | undefined, seconds: number, columns: number): string {
  const rate = done / seconds;
  if (total === undefined || total === 0) return `${size(done)}  ${size(rate)}/s`.slice(0, columns - 1);
  const part = Math.min(1, done / total);
  const left = rate > 0 ? Math.ceil(Math.max(0, total - done) / rate) : 0;
  const text = ` ${String(Math.floor(part * 100)).padStart(3)} %  ${size(done)} of ${size(total)}  ${size(rate)}/s  ${duration(left)} left`;
  const width = Math.max(0, Math.min(30, columns - text.length - 3));
  const filled = Math.round(part * width);
  return `${width > 4 ? `[${"#".repeat(filled)}${".".repeat(width - filled)}]` : ""}${text}`.slice(0, columns - 1);
}

function size(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

function duration(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  if (minutes >= 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}
