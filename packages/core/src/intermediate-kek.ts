import type { KeyObject } from "node:crypto";
import { type Bytes, copy } from "./bytes.ts";
import { type Context, readContext } from "./context.ts";
import { createHeader, readCore } from "./create-header.ts";
import { isKekErrorCode, LetterlockError } from "./error.ts";
import { flights } from "./flights.ts";
import type { Kek, KekCall, KekUnwrapper, KekWrapper, Recipient } from "./kek.ts";
import { race } from "./kek-call.ts";
import { kekErrorCode } from "./kek-error-code.ts";
import { readUnwrappers, readWrappers } from "./kek-list.ts";
import { limitedMap } from "./limited-map.ts";
import { ownErrorCode } from "./local-kek.ts";
import { keyBlobOf, parseObject } from "./object.ts";
import { type Opener, openHeader } from "./open-header.ts";
import { checkOptions, type KeyOptions, keyOptions, signalOf } from "./options.ts";
import { requireLength, unwrapWithSecret, wrappedBytes, wrapWithSecret } from "./secret-wrap.ts";
import { fromText, toText } from "./text.ts";

/** A key-encryption key of your own, wrapped by `keks`: store the blob anywhere, pin the keyId in configuration. All or nothing, as `seal`. */
export async function createIntermediateKek(
  keks: readonly KekWrapper[],
  options: KeyOptions = {},
): Promise<{ readonly keyId: string; readonly blob: Bytes }> {
  checkOptions(options, keyOptions);
  const list = readWrappers(keks);
  const core = readCore(options, 2);
  const created = await createHeader(list, core, signalOf(options));
  return { keyId: toText(created.keyId), blob: keyBlobOf(created.header) };
}

/**
 * A KEK held in a key blob. Opens its blob on first use, not before, and keeps the KEK in memory for at most maxAgeMs; dispose forgets it, and calls after
 * that are a TypeError. The keyId is pinned by configuration (SPEC 6.3): a blob of another key is "kek-unusable". Chains have at most three headers, the
 * data key's included; what was opened at one depth serves that depth and lower ones only. Failures of its own KEKs pass through by code when they are
 * "not-authentic" or a provider's; everything else is "kek-unusable".
 */
export function intermediateKek(options: {
  readonly keyId: string;
  readonly blob: Uint8Array | ((call: { readonly signal: AbortSignal }) => Promise<Uint8Array>);
  readonly keks: readonly KekUnwrapper[];
  readonly context?: Context | undefined;
  readonly maxAgeMs: number;
}): Kek & Disposable {
  checkOptions(options, ["keyId", "blob", "keks", "context", "maxAgeMs"]);
  const keyRef = readKeyId(options.keyId);
  const fetch = readBlob(options.blob);
  const keks = readUnwrappers(options.keks);
  const pairs = readContext(options.context);
  if (typeof options.maxAgeMs !== "number" || !(options.maxAgeMs >= 0))
    throw new RangeError("maxAgeMs is required: milliseconds, 0 or more");
  const kept = limitedMap<Kept>(1, options.maxAgeMs);
  const flying = flights();
  let disposed = false;

  const openAt = async (depth: 2 | 3, signal: AbortSignal): Promise<KeyObject> => {
    const blob = await fetchBlob(fetch, signal);
    const opener: Opener = {
      given: keks,
      keks,
      expectation: { mode: "expected", pairs },
      usage: 2,
      authenticatedOnly: false,
      depth,
      signal,
      onFailedAttempt: undefined,
    };
    const { header } = parseObject(blob, ["key-blob"]);
    if (toText(header.keyId) !== keyRef) throw unusable("the blob holds another key than the configured keyId");
    return (await openHeader(header, opener)).key;
  };
  const secret = async ({ depth, signal }: KekCall): Promise<KeyObject> => {
    if (disposed) throw new TypeError("the intermediate KEK is disposed");
    if (depth === 3) throw unusable("a chain of intermediate KEKs has at most three headers");
    const own = depth === 1 ? 2 : 3;
    const entry = kept.get("");
    if (entry !== undefined && own <= entry.depth) return entry.key;
    return await flying.join(String(own), signal, async (flight) => {
      const since = kept.now();
      const key = await openAt(own, flight).catch((error: unknown) => {
        throw flight.aborted ? error : translated(error);
      });
      if (!disposed) kept.set("", { key, depth: own }, since);
      return key;
    });
  };
  return Object.freeze({
    provider: "intermediate",
    keyRef,
    bindsContext: true,
    authenticatesWrap: true,
    errorCode: ownErrorCode,
    owns: (recipient: Recipient) => recipient.provider === "intermediate" && recipient.keyRef === keyRef,
    wrap: async (dataKey, call) => ({ wrapped: wrapWithSecret(await secret(call), dataKey, call) }),
    unwrap: async (recipient, call) => {
      requireLength(recipient.wrapped, wrappedBytes);
      return unwrapWithSecret(await secret(call), recipient.wrapped, call);
    },
    [Symbol.dispose]: () => {
      disposed = true;
      kept.clear();
    },
  } satisfies Kek & Disposable);
}

interface Kept {
  readonly key: KeyObject;
  /** The depth of its own header when it was opened. */
  readonly depth: 2 | 3;
}

async function fetchBlob(fetch: (call: { readonly signal: AbortSignal }) => Promise<Uint8Array>, signal: AbortSignal): Promise<Uint8Array> {
  const blob: unknown = await race(signal, () => fetch({ signal }));
  if (!(blob instanceof Uint8Array)) throw unusable("the blob function did not resolve to a Uint8Array");
  return blob;
}

/** SPEC 6.3, last paragraph. A blob function that fails with a network error is "unavailable". */
function translated(error: unknown): unknown {
  const code = LetterlockError.is(error) ? error.code : kekErrorCode(onlyNetwork, error);
  const kept = isKekErrorCode(code) ? code : "kek-unusable";
  const message = LetterlockError.is(error) ? error.message : "its key blob could not be read";
  return new LetterlockError(kept, `intermediate KEK: ${message}`, {
    attempts: LetterlockError.is(error) ? error.attempts : [],
    cause: error,
  });
}

const onlyNetwork = {
  provider: "intermediate",
  keyRef: "blob",
  bindsContext: true,
  authenticatesWrap: true,
  errorCode: () => "kek-unusable" as const,
};

function unusable(message: string): LetterlockError {
  return new LetterlockError("kek-unusable", message);
}

function readKeyId(keyId: unknown): string {
  if (typeof keyId !== "string" || !/^[A-Za-z0-9_-]{43}$/.test(keyId))
    throw new TypeError("keyId must be the 43 characters that createIntermediateKek returned");
  fromText(keyId);
  return keyId;
}

function readBlob(blob: unknown): (call: { readonly signal: AbortSignal }) => Promise<Uint8Array> {
  if (typeof blob === "function") return blob as (call: { readonly signal: AbortSignal }) => Promise<Uint8Array>;
  if (!(blob instanceof Uint8Array)) throw new TypeError("blob must be a Uint8Array or a function that resolves to one");
  const bytes = copy(blob);
  return async () => bytes;
}
