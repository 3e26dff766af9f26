import type { Context, DataKey } from "@letterlock/core";
import type { StoredKey } from "./key-store.ts";

/** A data key in memory. */
export interface WarmKey {
  readonly key: DataKey;
  readonly keyId: string;
  readonly slot: string;
  readonly context: Context;
  /** `contextText` of the context. */
  readonly text: string;
  /** When it was created, by `performance.now`. */
  bornAt: number;
  /** By `performance.now`, since when it has been in memory, in this opening of it or one before. */
  knownSince: number;
  /** By `performance.now`, when its opening began. */
  readonly openedAt: number;
  /** What this process sealed under it. */
  messages: number;
  bytes: number;
  /** The end of its age, by `performance.now`. */
  readonly goodUntil: number;
  /** The end of the grace that it was given last; -Infinity for none. */
  graceUntil: number;
  /** How a record of this key begins: so that the next one need not be read twice. */
  beginning: Uint8Array | undefined;
  /** Used since the last eviction looked at it. */
  touched: boolean;
  /** Not kept any more: zeroed at the end of this turn of the event loop, or already. */
  left: boolean;
  /** Zeroed. */
  gone: boolean;
}

export interface WarmKeys {
  get(keyId: string): WarmKey | undefined;
  /** The key that seals for a context, as far as this process knows. */
  sealing(text: string): WarmKey | undefined;
  /** The key that opened last for a context. */
  recent(text: string): WarmKey | undefined;
  opened(key: WarmKey): void;
  /** A key that has left is not taken back. */
  add(key: WarmKey): void;
  addSealing(key: WarmKey): void;
  /** Forgets it and zeroes it at once. */
  drop(keyId: string): void;
  /** Forgets and zeroes those that are not wanted any more. */
  sweep(wanted: (key: WarmKey) => boolean): void;
  all(): readonly WarmKey[];
}

/**
 * At most `maxKeys`, those that nobody used for long leave first (second chance). A key that makes room is zeroed when those who were waiting for it have used it: at
 * the end of this turn of the event loop.
 */
export function createWarmKeys(maxKeys: number): WarmKeys {
  const keys = new Map<string, WarmKey>();
  const sealing = new Map<string, WarmKey>();
  const recent = new Map<string, WarmKey>();
  const forget = (keyId: string): WarmKey | undefined => {
    const key = keys.get(keyId);
    if (key === undefined) return undefined;
    keys.delete(keyId);
    if (sealing.get(key.text) === key) sealing.delete(key.text);
    if (recent.get(key.text) === key) recent.delete(key.text);
    key.left = true;
    return key;
  };
  const drop = (keyId: string): void => {
    const key = forget(keyId);
    if (key !== undefined) zero(key);
  };
  const makeRoom = (keyId: string): void => {
    const key = forget(keyId);
    if (key !== undefined) setImmediate(zero, key);
  };
  const evict = (): void => {
    for (const [keyId, key] of keys) {
      if (keys.size <= maxKeys) return;
      if (!key.touched) {
        makeRoom(keyId);
        continue;
      }
      key.touched = false;
      keys.delete(keyId);
      keys.set(keyId, key);
    }
  };
  const add = (key: WarmKey): void => {
    const before = keys.get(key.keyId);
    if (before === key || key.left) return;
    const wasSealing = before !== undefined && sealing.get(before.text) === before;
    if (before !== undefined) {
      key.messages += before.messages;
      key.bytes += before.bytes;
      key.bornAt = Math.max(key.bornAt, before.bornAt);
      key.knownSince = Math.min(key.knownSince, before.knownSince);
      makeRoom(key.keyId);
    }
    keys.set(key.keyId, key);
    if (wasSealing) sealing.set(key.text, key);
    evict();
  };
  return {
    get: (keyId) => keys.get(keyId),
    sealing: (text) => sealing.get(text),
    recent: (text) => recent.get(text),
    opened(key) {
      if (keys.get(key.keyId) === key) recent.set(key.text, key);
    },
    add,
    addSealing(key) {
      add(key);
      if (keys.get(key.keyId) === key) sealing.set(key.text, key);
    },
    drop,
    sweep(wanted) {
      for (const key of [...keys.values()]) if (!wanted(key)) drop(key.keyId);
    },
    all: () => [...keys.values()],
  };
}

function zero(key: WarmKey): void {
  key.gone = true;
  key.key[Symbol.dispose]();
}

export interface WarmKeyParts {
  readonly key: DataKey;
  readonly stored: StoredKey;
  readonly context: Context;
  readonly text: string;
  readonly bornAt: number;
  readonly openedAt: number;
  readonly goodUntil: number;
}

export function warmKey({ key, stored, context, text, bornAt, openedAt, goodUntil }: WarmKeyParts): WarmKey {
  const { keyId, slot } = stored;
  const copy = Object.freeze({ ...context });
  return {
    key,
    keyId,
    slot,
    context: copy,
    text,
    bornAt,
    knownSince: openedAt,
    openedAt,
    goodUntil,
    graceUntil: -Infinity,
    messages: 0,
    bytes: 0,
    beginning: undefined,
    touched: true,
    left: false,
    gone: false,
  };
}
