import type { Migration } from "@letterlock/migrate";
import type { RateLimiter } from "@letterlock/resilience";
import { askedStores } from "../migrate/chosen-stores.ts";
import { migrationOf } from "../migrate/migration-of.ts";
import { createQuotas, type StatedRate } from "../migrate/quotas.ts";
import { urisOfStore, withKeksOfStores } from "../migrate/store-keks.ts";
import { type AskedWalk, askedWalk } from "../migrate/walk-options.ts";
import { type OpenedStore, openStore } from "../stores/open-store.ts";
import type { FleetOptions } from "./fleet-options.ts";

export interface WorkerStores {
  readonly walk: AskedWalk;
  /** Each opens its store anew, and closes the one before: connections that broke are not made again by every driver. */
  readonly open: Readonly<Record<string, () => Promise<Migration>>>;
}

/** The stores and KEKs of this machine. Whatever is wrong with them in the configuration is an error before any work. */
export async function withWorkerStores<T>(
  words: readonly string[],
  given: FleetOptions,
  limiter: (rate: StatedRate) => RateLimiter,
  work: (stores: WorkerStores) => Promise<T>,
): Promise<T> {
  const { configuration, options, chosen } = await askedStores(words, given);
  const walk = askedWalk(options);
  const uris = chosen.map((store) => urisOfStore(store, options, configuration, "target"));
  const quotas = createQuotas(configuration, limiter);
  return await withKeksOfStores(uris, options.passphraseSources ?? [], quotas.limited, async (keks) => {
    const opened = new Map<string, OpenedStore>();
    const close = async (name: string): Promise<void> => {
      const before = opened.get(name);
      opened.delete(name);
      await before?.close();
    };
    const open = chosen.map(({ name, entry }, index) => {
      const reopened = async (): Promise<Migration> => {
        await close(name);
        const { store } = await setIn(opened, name, openStore(name, entry, configuration.folder));
        return migrationOf(entry, store, keks[index] ?? { from: [], to: [] });
      };
      return [name, reopened] as const;
    });
    try {
      // An option of a store that its driver does not know shows here, and not with its first partition.
      for (const [, reopened] of open) await reopened();
      return await work({ walk, open: Object.fromEntries(open) });
    } finally {
      for (const { name } of chosen) await close(name);
    }
  });
}

async function setIn<V>(map: Map<string, V>, name: string, value: Promise<V>): Promise<V> {
  const settled = await value;
  map.set(name, settled);
  return settled;
}
