import { createDataKey, type Kek, type KekCall, type Recipient } from "@letterlock/core";

/** The call that core makes, so that a member of a KEK can be called without core around it. */
export async function kekCall(context: Readonly<Record<string, string>> = {}): Promise<KekCall> {
  const calls: KekCall[] = [];
  const capture = {
    provider: "test",
    keyRef: "capture",
    bindsContext: false,
    authenticatesWrap: true,
    errorCode: () => "provider-error" as const,
    wrap: async (_dataKey: Uint8Array, call: KekCall) => {
      calls.push(call);
      return { wrapped: Uint8Array.of(1) };
    },
  };
  (await createDataKey([capture], { context })).key[Symbol.dispose]();
  const [call] = calls;
  if (call === undefined) throw new Error("core made no call");
  return call;
}

/** A data key under a KEK, as a recipient of it. */
export async function recipientOf(kek: Kek, dataKey: Uint8Array, call: KekCall): Promise<Recipient> {
  return { provider: kek.provider, keyRef: kek.keyRef, ...(await kek.wrap(dataKey, call)) };
}
