import type { KekCall, KekOperation, Recipient } from "@letterlock/core";
import { newDataKey } from "./specimen.ts";
import type { AnyKek } from "./trial.ts";

/** Every provider call that a KEK can make, ready to run: the ones that it has. */
export function operationsOf(
  kek: AnyKek,
  recipient: Recipient,
  call: KekCall,
): readonly { readonly operation: KekOperation; run(): Promise<unknown> }[] {
  const all: readonly { readonly operation: KekOperation; run(): Promise<unknown> | undefined }[] = [
    { operation: "wrap", run: () => kek.wrap?.(newDataKey(), call) },
    { operation: "unwrap", run: () => kek.unwrap?.(recipient, call) },
    { operation: "generate", run: () => kek.generate?.(call) },
    { operation: "rewrap", run: () => kek.rewrap?.(recipient, call) },
    { operation: "currentVersion", run: () => kek.currentVersion?.({ signal: call.signal }) },
  ];
  return all.filter(({ operation }) => kek[operation] !== undefined).map(({ operation, run }) => ({ operation, run: async () => run() }));
}
