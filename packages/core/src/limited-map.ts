/** A map whose entries leave by number (the least recently used first) and by age, the latter even when nobody asks for them any more. */
export interface LimitedMap<T> {
  get(key: string): T | undefined;
  /** `since`: when the age of the value began, as `now()` gave it. */
  set(key: string, value: T, since: number): void;
  delete(key: string): void;
  clear(): void;
  /** Milliseconds on a clock that never goes back. */
  now(): number;
}

interface Entry<T> {
  readonly value: T;
  readonly expires: number;
}

/** setTimeout takes at most 2^31 - 1 ms; more fires at once. */
const maxTimerMs = 2 ** 31 - 1;

/** `leave` is called once for every value that leaves, for whatever reason. */
export function limitedMap<T>(maxEntries: number, maxAgeMs: number, leave: (value: T) => void = () => undefined): LimitedMap<T> {
  const entries = new Map<string, Entry<T>>();
  let timer: NodeJS.Timeout | undefined;
  let due = 0;
  const now = (): number => performance.now();

  const remove = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    leave(entry.value);
  };
  const expire = (): void => {
    timer = undefined;
    const time = now();
    let earliest = Number.POSITIVE_INFINITY;
    for (const [key, { expires }] of entries) {
      if (expires <= time) remove(key);
      else earliest = Math.min(earliest, expires);
    }
    if (entries.size > 0) schedule(earliest);
  };
  /** One timer for all, at the earliest expiry. A slow flight can set an entry that leaves before those that are already there. */
  const schedule = (expires: number): void => {
    if (timer !== undefined && expires >= due) return;
    clearTimeout(timer);
    due = expires;
    timer = setTimeout(expire, Math.min(Math.max(1, Math.ceil(expires - now())), maxTimerMs)).unref();
  };
  return {
    now,
    get: (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (entry.expires <= now()) {
        remove(key);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      return entry.value;
    },
    set: (key, value, since) => {
      const expires = since + maxAgeMs;
      remove(key);
      if (expires <= now()) {
        leave(value);
        return;
      }
      entries.set(key, { value, expires });
      for (const oldest of entries.keys()) {
        if (entries.size <= maxEntries) break;
        remove(oldest);
      }
      schedule(expires);
    },
    delete: remove,
    clear: () => {
      for (const key of [...entries.keys()]) remove(key);
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
