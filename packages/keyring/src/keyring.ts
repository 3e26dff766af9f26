import { setImmediate as nextTurn } from "node:timers/promises";
import { type Aad, type Bytes, type Context, type Kek, LetterlockError } from "@letterlock/core";
import { type Destroyed, destroyKeys } from "./destroy-keys.ts";
import type { KeyStore } from "./key-store.ts";
import { type MaintenanceOptions, type MaintenanceReport, type RefreshKeysOptions, refreshKeys, rewrapKeys } from "./maintenance.ts";
import { type KekStatus, observed } from "./observed-keks.ts";
import { type KeyringPolicy, readPolicy } from "./policy.ts";
import { keyIdOf } from "./record-key-id.ts";
import { createRingKeys } from "./ring-keys.ts";
import { contextText, requireContext } from "./slot.ts";
import { type StaleKey, staleKeys } from "./stale-keys.ts";
import { translatedStore } from "./translated-store.ts";
import { watchVersions } from "./version-watch.ts";
import type { WarmKey } from "./warm-keys.ts";

export interface KeyringOptions {
  /** 1 to 16, as for `seal`: each can open everything; opening tries them in this order. Put `timed` around each, so that a hanging one does not hold the others up. */
  readonly keks: readonly Kek[];
  readonly store: KeyStore;
  readonly policy: KeyringPolicy;
}

export interface RingCall {
  /** What the data key is about. One key at a time for each context. */
  readonly context: Context;
  /** What the message is about: the place it belongs to. Not stored. Required, as for `DataKey.seal`. */
  readonly aad: Aad;
}
export interface WaitingRingCall extends RingCall {
  readonly signal?: AbortSignal | undefined;
}

/** Seals and opens many small values for many tenants. Records are those of `DataKey.seal`: 76 bytes longer than a plaintext below 64 KiB. */
export interface Keyring extends Disposable {
  /** A record. Codes of `createDataKey` and of the key store. */
  seal(plaintext: Uint8Array, call: WaitingRingCall): Promise<Bytes>;
  /** Codes of `openDataKey` and `DataKey.open`; "unknown-key" for a key that was destroyed or is another store's, "context-mismatch" for a record of another context. */
  open(record: Uint8Array, call: WaitingRingCall): Promise<Bytes>;
  /** `seal` where nothing has to be waited for; undefined where something has: `ring.sealSync(...) ?? await ring.seal(...)`. */
  sealSync(plaintext: Uint8Array, call: RingCall): Bytes | undefined;
  /** `open`, likewise. */
  openSync(record: Uint8Array, call: RingCall): Bytes | undefined;
  /** The four of one context, which is read once. */
  forContext(context: Context): ContextRing;
  /** Wraps key blobs again under the newest versions of the ring's KEKs: all of them, or those whose context has the given pairs. Data keys and records stay. */
  refresh(options?: RefreshKeysOptions): Promise<MaintenanceReport>;
  /** Wraps the key blobs that `from` opens for `to` instead, verified before they are written. Give the rings their new KEKs first. */
  rewrap(keks: { readonly from: readonly Kek[]; readonly to: readonly Kek[] }, options?: MaintenanceOptions): Promise<MaintenanceReport>;
  /** The key blobs that name a KEK which is not the ring's, or an old version of one that is. Read from headers, so it is advice and no proof (SPEC 10.2). */
  stale(options?: MaintenanceOptions): AsyncIterable<StaleKey>;
  /** Destroys every key whose context has the given pairs, and so every record under it: here at once, in other processes after `memory.maxAgeMs`. It does not reach backups of the key store. */
  destroy(context: Context, options?: { readonly signal?: AbortSignal | undefined }): Promise<Destroyed>;
  status(): KeyringStatus;
  /** Zeroes what is in memory. Calls after that are a `TypeError`. */
  [Symbol.dispose](): void;
}

export interface ContextRing {
  seal(plaintext: Uint8Array, call: Omit<WaitingRingCall, "context">): Promise<Bytes>;
  open(record: Uint8Array, call: Omit<WaitingRingCall, "context">): Promise<Bytes>;
  sealSync(plaintext: Uint8Array, call: Omit<RingCall, "context">): Bytes | undefined;
  openSync(record: Uint8Array, call: Omit<RingCall, "context">): Bytes | undefined;
}

export interface KeyringStatus {
  /** No KEK is away. For a readiness probe that should not fail during grace, look at `keks`. */
  readonly healthy: boolean;
  readonly keks: readonly KekStatus[];
  readonly keysInMemory: number;
  readonly intermediatesInMemory: number;
  /** Since the key that has been in memory longest was opened; undefined when there is none. */
  readonly oldestKeyAgeMs: number | undefined;
}

export function createKeyring(options: KeyringOptions): Keyring {
  const unknown = Object.keys(options).find((name) => !["keks", "store", "policy"].includes(name));
  if (unknown !== undefined) throw new TypeError(`${unknown} is no option: keks, store, policy`);
  const policy = readPolicy(options.policy);
  if (!Array.isArray(options.keks) || options.keks.length < 1 || options.keks.length > 16)
    throw new TypeError("keks must be a list of 1 to 16 KEKs");
  if (typeof options.store?.create !== "function") throw new TypeError("store must be a key store");
  const watched = options.keks.map(observed);
  const keks = watched.map(({ kek }) => kek);
  const store = translatedStore(options.store);
  const keys = createRingKeys(keks, store, policy, () => watched.map(({ answers }) => answers()));
  const watch = watchVersions(watched, store, keys, policy);
  const sweeping = setInterval(() => keys.warm.sweep(isWanted), Math.min(Math.max(1, policy.maxAgeMs), 60_000)).unref();
  let disposed = false;

  const isWanted = ({ openedAt }: WarmKey): boolean => performance.now() <= openedAt + policy.maxAgeMs + policy.graceMs;
  const live = (): void => {
    if (disposed) throw new TypeError("the ring is disposed");
  };
  const use = (key: WarmKey, plaintext: Uint8Array, aad: Aad): Bytes => {
    const record = key.key.seal(plaintext, { aad });
    key.messages += 1;
    key.bytes += plaintext.length;
    key.touched = true;
    return record;
  };
  const openWith = (key: WarmKey, record: Uint8Array, aad: Aad): Bytes => {
    key.touched = true;
    const plaintext = key.key.open(record, { aad });
    if (key.beginning === undefined) key.beginning = record.slice(0, beginningBytes);
    keys.warm.opened(key);
    return plaintext;
  };
  /** Undefined where the key has to be looked for. That a record begins alike is a guess: the key itself decides. */
  const openLikely = (text: string, record: Uint8Array, aad: Aad): Bytes | undefined => {
    const key = keys.likelyOpening(record, text);
    if (key === undefined) return undefined;
    key.touched = true;
    try {
      return key.key.open(record, { aad });
    } catch (error) {
      if (LetterlockError.is(error) && error.code === "unknown-key") return undefined;
      throw error;
    }
  };
  const sealNow = (text: string, plaintext: Uint8Array, aad: Aad): Bytes | undefined => {
    live();
    const key = keys.warmSealing(text);
    return key === undefined ? undefined : use(key, plaintext, aad);
  };
  const openNow = (text: string, record: Uint8Array, aad: Aad): Bytes | undefined => {
    live();
    const opened = openLikely(text, record, aad);
    if (opened !== undefined) return opened;
    const key = keys.warmOpening(keyIdOf(record), text);
    return key === undefined ? undefined : openWith(key, record, aad);
  };

  const forText = (context: Context, text: string): ContextRing => ({
    async seal(plaintext, call) {
      checkCall(call, inContext);
      const { aad, signal } = call;
      for (;;) {
        live();
        signal?.throwIfAborted();
        const key = keys.warmSealing(text) ?? (await keys.sealing(context, text, signal));
        if (keys.maySeal(key)) return use(key, plaintext, aad);
        await nextTurn();
      }
    },
    async open(record, call) {
      checkCall(call, inContext);
      const { aad, signal } = call;
      live();
      signal?.throwIfAborted();
      const likely = openLikely(text, record, aad);
      if (likely !== undefined) return likely;
      const keyId = keyIdOf(record);
      for (;;) {
        const key = keys.warmOpening(keyId, text) ?? (await keys.opening(keyId, context, text, signal));
        live();
        if (!key.gone) return openWith(key, record, aad);
        await nextTurn();
      }
    },
    sealSync(plaintext, call) {
      checkCall(call, inContext);
      return sealNow(text, plaintext, call.aad);
    },
    openSync(record, call) {
      checkCall(call, inContext);
      return openNow(text, record, call.aad);
    },
  });
  const forCall = ({ context, ...call }: WaitingRingCall): [ContextRing, typeof call] => [forText(context, contextText(context)), call];

  return Object.freeze({
    async seal(plaintext: Uint8Array, call: WaitingRingCall) {
      const [context, rest] = forCall(call);
      return context.seal(plaintext, rest);
    },
    async open(record: Uint8Array, call: WaitingRingCall) {
      const [context, rest] = forCall(call);
      return context.open(record, rest);
    },
    sealSync(plaintext: Uint8Array, call: RingCall) {
      checkCall(call, anywhere);
      return sealNow(contextText(call.context), plaintext, call.aad);
    },
    openSync(record: Uint8Array, call: RingCall) {
      checkCall(call, anywhere);
      return openNow(contextText(call.context), record, call.aad);
    },
    forContext(context: Context) {
      live();
      requireContext(context);
      const copy = Object.freeze({ ...context });
      return Object.freeze(forText(copy, contextText(copy)));
    },
    async refresh(maintenance: RefreshKeysOptions = {}) {
      live();
      return refreshKeys(keks, store, maintenance);
    },
    async rewrap(change: { readonly from: readonly Kek[]; readonly to: readonly Kek[] }, maintenance: MaintenanceOptions = {}) {
      live();
      return rewrapKeys(change, store, maintenance);
    },
    stale(maintenance: MaintenanceOptions = {}) {
      live();
      return staleKeys(keks, store, maintenance);
    },
    async destroy(context: Context, { signal }: { readonly signal?: AbortSignal | undefined } = {}) {
      live();
      return destroyKeys(store, keys, context, signal);
    },
    status() {
      const statuses = watched.map(({ status }) => status());
      const opened = keys.warm.all().map(({ openedAt }) => openedAt);
      return {
        healthy: statuses.every(({ awaySince }) => awaySince === undefined),
        keks: statuses,
        keysInMemory: opened.length,
        intermediatesInMemory: keys.wrapping.size(),
        oldestKeyAgeMs: opened.length === 0 ? undefined : performance.now() - Math.min(...opened),
      };
    },
    [Symbol.dispose]() {
      disposed = true;
      clearInterval(sweeping);
      watch.stop();
      keys.close();
    },
  });
}

/** A signal is no use to what does not wait, and no harm: one object serves `sealSync(…) ?? await seal(…)`. */
const inContext = ["aad", "signal"];
const anywhere = ["context", "aad", "signal"];

function checkCall(call: object, known: readonly string[]): void {
  for (const name in call) if (!known.includes(name)) throw new TypeError(`${name} is no option: ${known.join(", ")}`);
}

/** Enough that two keys never share it by chance. Where it is wrong, an opening is slower and no other. */
const beginningBytes = 20;
