import { LetterlockError } from "@letterlock/core";
import type { EnvelopeStore } from "@letterlock/migrate";
import { driverError } from "../drivers/driver-error.ts";
import { isFailure, usage } from "../failure.ts";
import type { ConnectedStore } from "./connected-store.ts";

export interface StoreUse {
  /** Whether objects will be replaced, now or, after a plan, later: who may only read is told so before anything is read. False by default. */
  readonly writes?: boolean | undefined;
}

/**
 * The store with its check before whatever comes first, and errors that end a run in our words: misuse of the store is that of the configuration, and the rest is coded. What fails for
 * one object, to read or to replace it, stays as it is: it is counted, and others go on.
 */
export function namedStore(name: string, connected: ConnectedStore, { writes = false }: StoreUse = {}): EnvelopeStore {
  const { store, place, reasonOf, explain } = connected;
  let checking: Promise<void> | undefined;
  const checked = async (): Promise<void> => {
    checking ??= checkUse(name, connected, writes);
    await checking;
  };
  const said = (error: unknown): unknown => endingError({ name, place, reasonOf, explain }, error);
  return {
    ...store,
    async partitions(target) {
      try {
        await checked();
        return await store.partitions(target);
      } catch (error) {
        throw said(error);
      }
    },
    async *scan(partition, options) {
      try {
        await checked();
        yield* store.scan(partition, options);
      } catch (error) {
        throw options.signal?.aborted === true ? error : said(error);
      }
    },
  };
}

async function checkUse(name: string, { check, mayNotWrite, place }: ConnectedStore, writes: boolean): Promise<void> {
  await check?.();
  const why = writes ? await mayNotWrite?.() : undefined;
  if (why !== undefined) throw new LetterlockError("access-denied", `the store ${name} (${place}): ${why}`);
}

/** What ends a run, or keeps it from its beginning. */
export function endingError(
  { name, place, reasonOf, explain }: Pick<ConnectedStore, "place" | "reasonOf" | "explain"> & { readonly name: string },
  thrown: unknown,
): unknown {
  if (LetterlockError.is(thrown) || isFailure(thrown)) return thrown;
  if (thrown instanceof TypeError || thrown instanceof RangeError) return usage(`stores.${name}: ${thrown.message}`);
  const error = reasonOf === undefined ? thrown : reasonOf(thrown);
  const explanation = explain(error);
  return explanation === undefined ? error : driverError(`the store ${name} (${place})`, error, () => explanation);
}
