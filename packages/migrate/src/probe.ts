import { createDataKey, type Kek, type KekIdentity, LetterlockError, type LetterlockErrorCode, openDataKey } from "@letterlock/core";

export interface Probe {
  readonly provider: string;
  readonly keyRef: string;
  readonly operation: "wrap" | "unwrap";
  readonly ok: boolean;
  readonly code: LetterlockErrorCode | undefined;
  readonly reason: string | undefined;
}

export async function probed(
  kek: KekIdentity,
  operation: Probe["operation"],
  run: () => Promise<unknown>,
  signal: AbortSignal,
): Promise<Probe> {
  const { provider, keyRef } = kek;
  try {
    await run();
    return { provider, keyRef, operation, ok: true, code: undefined, reason: undefined };
  } catch (error) {
    signal.throwIfAborted();
    if (!LetterlockError.is(error)) throw error;
    return { provider, keyRef, operation, ok: false, code: error.code, reason: error.message };
  }
}

/** Wraps a data key that nobody uses, and unwraps it: two calls. */
export async function probeTarget(kek: Kek, signal: AbortSignal): Promise<Probe[]> {
  let blob: Uint8Array | undefined;
  const wrap = await probed(
    kek,
    "wrap",
    async () => {
      const made = await createDataKey([kek], { signal });
      made.key[Symbol.dispose]();
      blob = made.blob;
    },
    signal,
  );
  const wrapped = blob;
  if (wrapped === undefined) return [wrap];
  return [wrap, await probed(kek, "unwrap", async () => (await openDataKey(wrapped, [kek], { signal }))[Symbol.dispose](), signal)];
}
