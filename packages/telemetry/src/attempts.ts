import type { KekCall, KekOperation } from "@letterlock/core";

/**
 * Which attempt a call is: `retrying` makes the same call again, and a wrapper that changes the signal leaves the associated data as it is, of which core
 * makes a copy for each call.
 */
export function createAttempts(): (operation: KekOperation, call: { readonly signal: AbortSignal }) => number {
  const counts = new WeakMap<object, Map<KekOperation, number>>();
  return (operation, call) => {
    const { associatedData } = call as Partial<KekCall>;
    const same = associatedData ?? call;
    const count = counts.get(same) ?? new Map<KekOperation, number>();
    counts.set(same, count);
    const attempt = (count.get(operation) ?? 0) + 1;
    count.set(operation, attempt);
    return attempt;
  };
}
