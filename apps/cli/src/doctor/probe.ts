import { randomBytes, timingSafeEqual } from "node:crypto";
import {
  type Context,
  type Kek,
  type KekCall,
  type KekErrorCode,
  type KekOperation,
  kekErrorCode,
  LetterlockError,
  type Recipient,
} from "@letterlock/core";
import { providerCall } from "./provider-call.ts";

/** What came of one operation of a KEK. */
export interface Probe {
  readonly operation: KekOperation;
  readonly status: "ok" | KekErrorCode;
  /** The credentials may do it, which is all that could be seen: there was no wrapped key to unwrap. */
  readonly permittedOnly: boolean;
  /** Why it was not tried, in a clause that says what to grant instead; undefined where it was. */
  readonly untried?: string | undefined;
  /** What was thrown. It can hold the request: it is for `--debug` alone. */
  readonly error: unknown;
}

export interface ProbeOptions {
  /** Bound to what is wrapped. */
  readonly context: Context;
  /**
   * Bytes that the provider takes for a ciphertext: they are unwrapped where nothing was wrapped, because a provider asks for permission first and refuses
   * the bytes after.
   */
  readonly madeUp: Uint8Array | undefined;
  /** Asked before the wrap: that of a `KekSource`. */
  readonly whyNotWrap: (() => Promise<string | undefined>) | undefined;
}

/** Tries every operation that the KEK has, once, with a data key that protects nothing. */
export async function probe(kek: Kek, { context, madeUp, whyNotWrap }: ProbeOptions): Promise<readonly Probe[]> {
  const call = await providerCall(context);
  const dataKey = randomBytes(32);
  const probes: Probe[] = [];
  const tried = async <T>(operation: KekOperation, run: () => Promise<T>): Promise<T | undefined> => {
    try {
      const result = await run();
      probes.push({ operation, status: "ok", permittedOnly: false, error: undefined });
      return result;
    } catch (error) {
      const own = LetterlockError.is(error) && (error.code === "not-authentic" || error.code === "access-denied");
      const status = own ? error.code : kekErrorCode(kek, error);
      probes.push({ operation, status, permittedOnly: false, error });
      return undefined;
    }
  };

  let untried: string | undefined;
  const wrapped = await tried("wrap", async () => {
    untried = await whyNotWrap?.();
    if (untried !== undefined) throw new LetterlockError("access-denied", untried);
    return kek.wrap(dataKey.slice(), call);
  });
  const generated = await tried("generate", async () => kek.generate?.(call));
  const specimen = wrapped ?? generated;
  if (specimen !== undefined) {
    const recipient: Recipient = { provider: kek.provider, keyRef: kek.keyRef, keyVersion: specimen.keyVersion, wrapped: specimen.wrapped };
    await tried("unwrap", () => unwrapSame(kek, recipient, call, wrapped === undefined ? (generated?.dataKey ?? dataKey) : dataKey));
    await tried("rewrap", async () => kek.rewrap?.(recipient, call));
  } else if (madeUp !== undefined) {
    await tried("unwrap", () => kek.unwrap({ provider: kek.provider, keyRef: kek.keyRef, keyVersion: undefined, wrapped: madeUp }, call));
  }
  await tried("currentVersion", async () => kek.currentVersion?.({ signal: call.signal }));
  generated?.dataKey.fill(0);
  return probes
    .filter(({ operation }) => kek[operation] !== undefined)
    .map((found) => (found.operation === "wrap" ? { ...found, untried } : found))
    .map((found) => (specimen === undefined ? seenFromOutside(found) : found));
}

async function unwrapSame(kek: Kek, recipient: Recipient, call: KekCall, dataKey: Uint8Array): Promise<void> {
  const unwrapped = await kek.unwrap(recipient, call);
  if (unwrapped.length !== dataKey.length || !timingSafeEqual(unwrapped, dataKey))
    throw new LetterlockError("not-authentic", "it unwraps to another data key");
  unwrapped.fill(0);
}

/** Made-up bytes that are refused as such have passed the check of permissions. */
function seenFromOutside(found: Probe): Probe {
  if (found.operation !== "unwrap" || found.status !== "not-authentic") return found;
  return { ...found, status: "ok", permittedOnly: true };
}
