import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { sameBytes } from "./bytes.ts";
import { type Core, isContextOf } from "./context.ts";
import { type CreatedHeader, createHeader } from "./create-header.ts";
import { equalInConstantTime } from "./derive.ts";
import { flights } from "./flights.ts";
import { encodeHeader, type Header } from "./header.ts";
import type { KekIdentity, KekUnwrapper, KekWrapper } from "./kek.ts";
import { limitedMap } from "./limited-map.ts";
import { type MessageKeys, manyMessageKeys } from "./message-key.ts";
import { expectedCore, type OpenedKey, type Opener, openHeaderQuietly, report, requireMac } from "./open-header.ts";
import { type CallOptions, type OpenOptions, signalOf } from "./options.ts";
import { rememberedHeads } from "./remembered-heads.ts";

/** Passed as `cache` to `seal`, `open`, `openStream`, `openRange`, `openReader` and `openDataKey`. `clear` and dispose forget every key; a disposed cache is a TypeError. */
export interface KeyCache extends Disposable {
  readonly "letterlock:key-cache": true;
  clear(): void;
}

/** What core does with a cache. */
export interface CacheState {
  /** A header for one more message of `bytes`. A message larger than maxBytes gets a key of its own. */
  forSealing(keks: readonly KekWrapper[], core: Core, bytes: number, options: CallOptions): Promise<CreatedHeader>;
  /** Steps 2 to 5 of SPEC 8.2, of which only the unwrapping is saved. */
  forOpening(header: Header, opener: Opener): Promise<OpenedKey>;
  /** After `forOpening` of an envelope: `head` is everything of it but its payload. */
  remember(head: Uint8Array, opened: OpenedKey, opener: Opener): void;
  /** The key of an envelope whose head, KEKs, policy and context are, byte for byte, those of one that was opened before and whose key is still here. */
  remembered(
    envelope: Uint8Array,
    keks: readonly KekUnwrapper[],
    options: OpenOptions,
  ): { readonly opened: OpenedKey; readonly payloadOffset: number } | undefined;
}

interface Sealing extends CreatedHeader {
  readonly messageKeys: MessageKeys & Disposable;
  uses: number;
  bytes: number;
}

interface Opening extends OpenedKey {
  readonly messageKeys: MessageKeys & Disposable;
  /** The header whose mac was verified last; one with the same recipients and mac needs no second HMAC. */
  verified: Pick<Header, "recipients" | "mac">;
}

const states = new WeakMap<object, CacheState>();

/**
 * Opt-in, and every limit is required: there is no safe default for how long a plaintext key may live. An entry belongs to the very KEK objects that made
 * it, in their order, and to suite, context and policy; uses and bytes count what is sealed under a key; a rotation is seen after maxAgeMs at the latest.
 * maxUses is at most 2^40 (SPEC section 7). The least recently used entry leaves first; an entry that is too old leaves although nobody asks for it.
 * Streams of unknown length are sealed without the cache.
 */
export function createKeyCache(limits: {
  readonly maxAgeMs: number;
  readonly maxUses: number;
  readonly maxBytes: number;
  readonly maxEntries: number;
}): KeyCache {
  checkLimits(limits);
  const { maxAgeMs, maxUses, maxBytes, maxEntries } = limits;
  const sealing = limitedMap<Sealing>(maxEntries, maxAgeMs, forget);
  const opening = limitedMap<Opening>(maxEntries, maxAgeMs, forget);
  const heads = rememberedHeads(maxEntries);
  let flying = flights();
  let disposed = false;

  const requireLive = (): void => {
    if (disposed) throw new TypeError("the key cache is disposed");
  };
  const clear = (): void => {
    sealing.clear();
    opening.clear();
    heads.clear();
    // What is on its way belongs to those who wait for it, and to nobody after them.
    flying = flights();
  };
  const fits = (entry: Sealing, bytes: number): boolean => entry.uses < maxUses && entry.bytes + bytes <= maxBytes;
  const use = (entry: Sealing, bytes: number): Sealing => {
    entry.uses++;
    entry.bytes += bytes;
    return entry;
  };
  const state: CacheState = {
    forSealing: async (keks, core, bytes, options) => {
      if (bytes > maxBytes) {
        requireLive();
        return await createHeader(keks, core, signalOf(options));
      }
      const slot = `${identities(keks)} ${binary(core.bytes)}`;
      for (;;) {
        requireLive();
        const entry = sealing.get(slot);
        if (entry !== undefined && fits(entry, bytes)) return use(entry, bytes);
        sealing.delete(slot);
        const current = flying;
        const made = await current.join(slot, signalOf(options), async (flight) => {
          const since = sealing.now();
          const created: Sealing = { ...forMany(await createHeader(keks, core, flight)), uses: 0, bytes: 0 };
          if (flying === current) sealing.set(slot, created, since);
          return created;
        });
        if (fits(made, bytes)) return use(made, bytes);
      }
    },
    forOpening: async (header, opener) => {
      requireLive();
      const core = expectedCore(header, opener);
      const slot = openingSlot(header.keyId, core, opener);
      const entry = opening.get(slot);
      if (entry !== undefined) {
        verifyMac(entry, header);
        return entry;
      }
      const current = flying;
      // Callers share a flight only for the same bytes: another header of the same key may be damaged.
      const { opened, failures } = await current.join(`${slot} ${digest(header)}`, opener.signal, async (flight) => {
        const since = opening.now();
        const quiet = await openHeaderQuietly(header, { ...opener, signal: flight });
        const made: Opening = { ...forMany(quiet.opened), verified: header };
        if (flying === current) opening.set(slot, made, since);
        return { opened: made, failures: quiet.failures };
      });
      report(failures, opener);
      return opened;
    },
    remember: (head, opened, opener) => {
      if (!disposed)
        heads.set(head, identities(opener.given), opener.authenticatedOnly, {
          slot: openingSlot(opened.keyId, opened.core, opener),
          core: opened.core,
        });
    },
    remembered: (envelope, keks, options) => {
      requireLive();
      options.signal?.throwIfAborted();
      if (!Array.isArray(keks) || !keks.every(isObject)) return undefined;
      const found = heads.get(envelope, identities(keks), options.requireAuthenticatedWrap ?? false);
      if (found === undefined || !isContextOf(found.core, options.context)) return undefined;
      const opened = opening.get(found.slot);
      return opened === undefined ? undefined : { opened, payloadOffset: found.payloadOffset };
    },
  };
  const cache: KeyCache = Object.freeze({
    "letterlock:key-cache": true as const,
    clear,
    [Symbol.dispose]: () => {
      disposed = true;
      clear();
    },
  });
  states.set(cache, state);
  return cache;
}

/** An object that createKeyCache did not make is misuse. */
export function cacheOf(cache: KeyCache): CacheState {
  const state = typeof cache === "object" && cache !== null ? states.get(cache) : undefined;
  if (state === undefined) throw new TypeError("cache must come from createKeyCache of this installation of @letterlock/core");
  return state;
}

function openingSlot(keyId: Uint8Array, core: Core, opener: Opener): string {
  return `${opener.authenticatedOnly} ${identities(opener.keks)} ${binary(keyId)}${binary(core.bytes)}`;
}

/** An entry serves many messages, and is zeroed when it leaves. */
function forMany<T extends OpenedKey>(opened: T): T & { readonly messageKeys: MessageKeys & Disposable } {
  return { ...opened, messageKeys: manyMessageKeys(opened.key, opened.keyId) };
}

function forget({ messageKeys }: { readonly messageKeys: MessageKeys & Disposable }): void {
  messageKeys[Symbol.dispose]();
}

function isObject(value: unknown): value is KekIdentity {
  return typeof value === "object" && value !== null;
}

function verifyMac(entry: Opening, header: Header): void {
  const { recipients, mac } = entry.verified;
  const sameList =
    recipients.length === header.recipients.length && recipients.every((r, i) => sameBytes(r.id, (header.recipients[i] as typeof r).id));
  if (sameList && equalInConstantTime(mac, header.mac)) return;
  requireMac(header, entry.key);
  entry.verified = header;
}

const numbers = new WeakMap<object, number>();
let lastNumber = 0;

/** The KEK objects themselves, in their order: two KEKs of one key but other credentials are two. */
function identities(keks: readonly KekIdentity[]): string {
  return keks.map(identity).join();
}

function identity(kek: KekIdentity): number {
  const known = numbers.get(kek);
  if (known !== undefined) return known;
  numbers.set(kek, ++lastNumber);
  return lastNumber;
}

function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function digest(header: Header): string {
  return createHash("sha256").update(encodeHeader(header)).digest("base64url");
}

function checkLimits(limits: object): void {
  if (typeof limits !== "object" || limits === null) throw new TypeError("limits must be an object");
  const maxima = { maxAgeMs: Number.MAX_SAFE_INTEGER, maxUses: 2 ** 40, maxBytes: Number.MAX_SAFE_INTEGER, maxEntries: 2 ** 24 };
  for (const name of Object.keys(limits)) {
    if (!Object.hasOwn(maxima, name)) throw new TypeError(`unknown limit ${JSON.stringify(name)}`);
  }
  for (const [name, maximum] of Object.entries(maxima)) {
    const value: unknown = (limits as Record<string, unknown>)[name];
    if (typeof value !== "number") throw new TypeError(`${name} is required: a number`);
    if (!(value > 0 && value <= maximum)) throw new RangeError(`${name} must be more than 0 and at most ${maximum}`);
    if (name !== "maxAgeMs" && !Number.isInteger(value)) throw new RangeError(`${name} must be a whole number`);
  }
}
