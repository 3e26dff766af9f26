import {
  type Context,
  createDataKey,
  createIntermediateKek,
  type KekCall,
  type KekWrapper,
  type Suite,
  type Usage,
} from "@letterlock/core";

/** The call that core makes for a header of this kind, so that the suite knows no byte of the format. */
export async function capturedCall(
  options: { readonly context?: Context; readonly suite?: Suite; readonly usage?: Usage; readonly signal?: AbortSignal } = {},
): Promise<KekCall> {
  const { context = {}, suite, usage = "data", signal } = options;
  let captured: KekCall | undefined;
  const capture: KekWrapper = {
    provider: "conformance",
    keyRef: "capture",
    bindsContext: false,
    authenticatesWrap: true,
    errorCode: () => "provider-error",
    wrap: async (_dataKey, call) => {
      captured = call;
      return { wrapped: Uint8Array.of(1) };
    },
  };
  const keyOptions = { context, ...(suite && { suite }) };
  if (usage === "kek") await createIntermediateKek([capture], keyOptions);
  else (await createDataKey([capture], keyOptions)).key[Symbol.dispose]();
  if (captured === undefined) throw new Error("core made no call");
  return Object.freeze({ ...captured, ...(signal && { signal }) });
}
