import { randomBytes } from "node:crypto";
import {
  type Aad,
  aroundKek,
  type Bytes,
  type Context,
  type Kek,
  type KekOperation,
  type KekWrapper,
  kekErrorCode,
  LetterlockError,
  localKek,
  rewrap,
  type Suite,
  seal,
} from "@letterlock/core";
import { checkCount, checkNames } from "./checked.ts";

/** Those of `seal`, without a cache: a key that misses somebody must not be kept. */
export interface SealAtLeastOptions {
  readonly context?: Context | undefined;
  readonly detached?: readonly string[] | undefined;
  readonly suite?: Suite | undefined;
  readonly aad?: Aad | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when the result misses somebody, with `missing`: for a log or a counter. What it throws rejects the call. */
  readonly onDegraded?: ((missing: readonly MissingKek[]) => void) | undefined;
}

export interface PartlySealed {
  readonly envelope: Bytes;
  /** The KEKs that cannot open it, and why; empty when all can. Add them with `rewrap` and `keep` when they are back. */
  readonly missing: readonly MissingKek[];
}

export interface MissingKek {
  readonly provider: string;
  readonly keyRef: string;
  readonly code: "throttled" | "unavailable";
}

/** SPEC section 2 allows 16 recipients; one place is needed until the result is ready. */
const mostKeks = 15;

/**
 * `seal` for those who must write while a provider is away: at least `n` of `keks` (1 to 15) wrapped the data key, and `missing` says who did not. Only KEKs that are
 * "throttled" or "unavailable" may be missing; any other failure fails the call, as fewer than `n` does. Every KEK is waited for, so give each a time limit (`timed`).
 */
export async function sealAtLeast(
  n: number,
  plaintext: Uint8Array,
  keks: readonly KekWrapper[],
  options: SealAtLeastOptions = {},
): Promise<PartlySealed> {
  checkNames(options, ["context", "detached", "suite", "aad", "signal", "onDegraded"]);
  checkCount("n", n, 1);
  if (!Array.isArray(keks) || keks.length > mostKeks || n > keks.length) {
    throw new RangeError(`keks must be a list of n to ${mostKeks} KEKs`);
  }
  const { onDegraded, ...sealing } = options;
  const missing: (MissingKek & { readonly cause: unknown })[] = [];
  const forgiving = keks.map((kek) =>
    forgivingKek(kek, (code, cause) => missing.push({ provider: kek.provider, keyRef: kek.keyRef, code, cause })),
  );
  const { kek: editor, forget } = editorKek();
  try {
    const sealed = await seal(plaintext, [...forgiving, editor], sealing);
    if (keks.length - missing.length < n) throw tooFew(n, keks.length, missing);
    const { context, signal } = sealing;
    const opens = (recipient: { readonly provider: string; readonly keyRef: string }): boolean =>
      !isSame(recipient, editor) && !missing.some((kek) => isSame(recipient, kek));
    const envelope = await rewrap(sealed, { from: [editor], to: [], keep: opens }, { context, signal });
    const told = missing.map(({ provider, keyRef, code: why }) => ({ provider, keyRef, code: why }));
    if (told.length > 0) onDegraded?.(told);
    return { envelope, missing: told };
  } finally {
    forget();
  }
}

/** The KEK, except that an outage is noted and leaves a recipient that opens nothing, to be taken out before anybody sees it. */
function forgivingKek(kek: KekWrapper, onMissing: (code: MissingKek["code"], error: unknown) => void): KekWrapper {
  return aroundKek(kek, async <T>(operation: KekOperation, call: { readonly signal: AbortSignal }, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      const code = kekErrorCode(kek, error);
      if (call.signal.aborted || (code !== "throttled" && code !== "unavailable")) throw error;
      onMissing(code, error);
      const placeholder = { wrapped: new Uint8Array(1) };
      return (
        operation === "generate" ? { ...placeholder, dataKey: crypto.getRandomValues(new Uint8Array(new ArrayBuffer(32))) } : placeholder
      ) as T;
    }
  });
}

/** A recipient of this call alone: with it the header can be written again without the placeholders. */
function editorKek(): { kek: Kek; forget: () => void } {
  const secret = new Uint8Array(new ArrayBuffer(32));
  crypto.getRandomValues(secret);
  const kek = localKek({ name: `seal-at-least-${randomBytes(16).toString("hex")}`, secret });
  return { kek, forget: () => secret.fill(0) };
}

function isSame(
  a: { readonly provider: string; readonly keyRef: string },
  b: { readonly provider: string; readonly keyRef: string },
): boolean {
  return a.provider === b.provider && a.keyRef === b.keyRef;
}

function tooFew(n: number, of: number, missing: readonly (MissingKek & { readonly cause: unknown })[]): LetterlockError {
  const code = missing.some((kek) => kek.code === "unavailable") ? "unavailable" : "throttled";
  const names = missing.map(({ provider, keyRef, code: why }) => `${provider} ${keyRef}: ${why}`).join("; ");
  return new LetterlockError(
    code,
    `only ${of - missing.length} of ${of} KEKs wrapped the data key, and at least ${n} must (${names}): retry later`,
    {
      attempts: missing,
      provider: missing[0]?.provider,
      keyRef: missing[0]?.keyRef,
    },
  );
}
