import { LetterlockError } from "@letterlock/core";
import type { KeyResult, MaintenanceReport } from "@letterlock/keyring";
import type { ExitStatus } from "../exit-status.ts";
import { failure } from "../failure.ts";
import { printable } from "../terminal/printable.ts";
import { type KeyStoreOptions, type KeyStoreWork, withKeyStore } from "./key-store-session.ts";

/** Wraps the key blobs of a store again: 1 when one failed. */
export function refreshKeys(words: readonly string[], options: KeyStoreOptions & { readonly keyStore: string }): Promise<ExitStatus> {
  return withKeyStore(words, options, async (opened) => {
    const { name, report } = opened;
    const { counts, failures, last } = await run(opened);
    report.result(forPeople(name, counts), { keyStore: name, counts, last: last ?? null });
    return failures.length > 0 ? 1 : 0;
  });
}

async function run({ store, keks, report, context, after, signal }: KeyStoreWork): Promise<MaintenanceReport> {
  const { createKeyring } = await import("@letterlock/keyring");
  // It opens no record, so that nothing of the policy is ever used.
  using ring = createKeyring({ keks, store, policy: { memory: { maxAgeMs: 0, maxKeys: 1 } } });
  let last = after;
  const onKey = (result: KeyResult): void => {
    last = result.keyId;
    if (result.status === "changed") report.result(`${result.keyId}: refreshed`, { keyId: result.keyId, status: result.status });
    if (result.status === "failed" || result.status === "conflict") report.failed(reason(result), result.keyId);
  };
  try {
    return await ring.refresh({ context, after, signal, onKey });
  } catch (error) {
    if (last !== undefined) report.warning(`stopped after ${last}: go on with --after ${last}`, { after: last });
    throw error;
  }
}

function reason({ code }: KeyResult): unknown {
  if (code === undefined) return failure("changed", "somebody else changed it each time meanwhile: run refresh again");
  return new LetterlockError(code, "a recipient could not be wrapped again; `letterlock doctor` tells more about its KEK");
}

function forPeople(name: string, counts: MaintenanceReport["counts"]): string {
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const said = Object.entries(counts).flatMap(([status, count]) => (count === 0 ? [] : [`${count} ${status}`]));
  return `${printable(name)}: ${[`${total} key blobs`, ...said].join(", ")}`;
}
