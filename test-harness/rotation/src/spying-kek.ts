import { aroundKek, type KekUnwrapper } from "@letterlock/core";

/** The KEK, and a copy of every data key that it unwrapped: what must not be found on the wire. */
export function spyingKek<K extends KekUnwrapper>(kek: K): { readonly kek: K; readonly dataKeys: readonly Uint8Array[] } {
  const dataKeys: Uint8Array[] = [];
  const spied = aroundKek(kek, async (operation, _call, run) => {
    const result = await run();
    if (operation === "unwrap" && result instanceof Uint8Array) dataKeys.push(result.slice());
    return result;
  });
  return { kek: spied, dataKeys };
}
