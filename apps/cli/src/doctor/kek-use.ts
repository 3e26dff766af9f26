import type { Kek, KekOperation } from "@letterlock/core";

/** What a KEK is wanted for. */
export type KekUse = "seal" | "open" | "refresh";
export const kekUses: readonly KekUse[] = ["seal", "open", "refresh"];

/** The operations that the uses need of a KEK, in the order in which they are shown. */
export function operationsFor(uses: readonly KekUse[], kek: Kek): readonly KekOperation[] {
  const needed: Readonly<Record<KekUse, readonly KekOperation[]>> = {
    seal: ["wrap", "generate"],
    open: ["unwrap"],
    // Where the provider cannot rewrap, refreshing takes the data key out and wraps it again.
    refresh: ["currentVersion", ...(kek.rewrap === undefined ? (["unwrap", "wrap"] as const) : (["rewrap"] as const))],
  };
  const wanted = new Set(uses.flatMap((use) => needed[use]));
  return order.filter((operation) => wanted.has(operation) && kek[operation] !== undefined);
}

const order: readonly KekOperation[] = ["wrap", "generate", "unwrap", "rewrap", "currentVersion"];
