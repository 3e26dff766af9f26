import { type Context, createDataKey, type KekCall, type KekWrapper } from "@letterlock/core";

/** A call such as core makes for a data key of that context: what a KEK is asked with outside of core. */
export async function providerCall(context: Context): Promise<KekCall> {
  const calls: KekCall[] = [];
  const witness: KekWrapper = {
    provider: "witness",
    keyRef: "witness",
    bindsContext: false,
    authenticatesWrap: true,
    errorCode: () => "provider-error",
    wrap: async (_dataKey, call) => {
      calls.push(call);
      return { wrapped: Uint8Array.of(0) };
    },
  };
  const { key } = await createDataKey([witness], { context });
  key[Symbol.dispose]();
  const [call] = calls;
  if (call === undefined) throw new Error("core made no call");
  return call;
}
