import type { Kek } from "@letterlock/core";
import { usage } from "../failure.ts";
import { type ChosenKeks, type ChosenUris, chooseUris, withSources } from "../keks/chosen-keks.ts";
import type { Configuration } from "../keks/configuration.ts";
import type { KekSource } from "../keks/kek-source.ts";
import type { KekUri } from "../keks/kek-uri.ts";
import type { PassphraseSource } from "../keks/passphrase-source.ts";
import { uncalledSource } from "../keks/uncalled-kek.ts";
import type { StoreEntry } from "../stores/store-entry.ts";
import type { ChosenStore } from "./chosen-stores.ts";
import type { MigrateOptions } from "./migrate-options.ts";

/**
 * Whether a step needs to know who opens the objects today. "target": those of the target do, where nobody else is named, because it is wrapped again for the
 * same keys.
 */
export type FromNeed = "needed" | "optional" | "target";

/** The words that name the KEKs of a store. */
interface KekWords {
  readonly from: readonly string[];
  readonly to: readonly string[];
}

/** Those of the command line, else its own, else those of the configuration. */
export function wordsOfStore(entry: StoreEntry | undefined, options: MigrateOptions, configuration: Configuration): KekWords {
  return { from: options.from ?? entry?.from ?? configuration.from, to: options.to ?? entry?.to ?? configuration.to };
}

/** The KEKs that the words of a store name. */
export function urisOfStore(
  { name, entry }: ChosenStore,
  options: MigrateOptions,
  configuration: Configuration,
  need: FromNeed,
): ChosenUris {
  const { from, to } = wordsOfStore(entry, options, configuration);
  if (to.length === 0) throw usage(`${name}: name the KEKs that shall open: --to KEK, or "to" in the configuration`);
  if (from.length === 0 && need === "needed")
    throw usage(`${name}: name the KEKs that open today: --from KEK, or "from" in the configuration`);
  const names = { with: options.from, to: options.to };
  const uris = chooseUris(names, { ...configuration, open: from, seal: to }, { opens: from.length > 0, seals: true });
  if (byName(uris.to).size < uris.to.length) throw usage(`${name}: --to names a KEK twice`);
  return from.length === 0 && need === "target" ? { from: uris.to, to: uris.to } : uris;
}

/** Every key of the one is in the other: there would be nothing to move. */
export function areSame({ from, to }: ChosenUris = { from: [], to: [] }): boolean {
  const [one, other] = [new Set(from.map(nameOf)), new Set(to.map(nameOf))];
  return one.size === other.size && one.isSubsetOf(other);
}

/**
 * Makes the KEKs of all stores for the work, each once, however often it is named: what one of them knows of its provider, and its connections, serve all.
 * `made` gets each KEK as it is made, and gives the one that is used. Without `callsFrom`, old keys only say which recipients are theirs: they may be gone.
 */
export async function withKeksOfStores<T>(
  chosen: readonly ChosenUris[],
  passphraseSources: readonly PassphraseSource[],
  made: (kek: Kek, uri: KekUri) => Kek,
  work: (keks: readonly ChosenKeks[]) => Promise<T>,
  { callsFrom = true }: { readonly callsFrom?: boolean } = {},
): Promise<T> {
  const opening = byName(chosen.flatMap(({ from }) => from));
  const sealing = byName(chosen.flatMap(({ to }) => to));
  const uncalled = callsFrom ? [] : uncalledOf(opening, sealing, passphraseSources);
  for (const [name] of uncalled) opening.delete(name);
  for (const name of opening.keys()) sealing.delete(name);
  const uris = { from: [...opening.values()], to: [...sealing.values()] };
  const onSources = async (sources: { readonly from: readonly KekSource[]; readonly to: readonly KekSource[] }): Promise<T> => {
    const keks = new Map<string, Kek>();
    const named = await Promise.all(uncalled.map(async ([name, uri]) => ({ name, source: await uncalledSource(uri) })));
    for (const { name, source } of named) keks.set(name, source.create());
    for (const list of ["from", "to"] as const) {
      for (const [index, uri] of uris[list].entries()) {
        const source = sources[list][index];
        if (source !== undefined) keks.set(nameOf(uri), made(source.create(), uri));
      }
    }
    const found = (list: readonly KekUri[]): readonly Kek[] => list.flatMap((uri) => keks.get(nameOf(uri)) ?? []);
    try {
      return await work(chosen.map(({ from, to }) => ({ from: found(from), to: found(to) })));
    } finally {
      for (const { source } of named) await source.close();
    }
  };
  // A walk tries again by itself, at a pace that adapts; calls that an SDK makes again unseen would break the quota.
  return await withSources(uris, passphraseSources, onSources, { sdkAttempts: 1, batch: true, warns: true });
}

/** An intermediate KEK of the target is opened by the old keys, and passphrases are handed out in the order of all KEKs: who gives some gives those of the old keys too. */
function uncalledOf(
  opening: ReadonlyMap<string, KekUri>,
  sealing: ReadonlyMap<string, KekUri>,
  passphraseSources: readonly PassphraseSource[],
): readonly (readonly [string, KekUri])[] {
  if ([...sealing.values()].some(({ provider }) => provider === "intermediate")) return [];
  return [...opening].filter(([name, { provider }]) => !sealing.has(name) && !(provider === "passphrase" && passphraseSources.length > 0));
}

/** As people know them: "vault-transit transit/app". */
export function keyNames(keks: readonly Pick<Kek, "provider" | "keyRef">[]): readonly string[] {
  return keks.map(({ provider, keyRef }) => `${provider} ${keyRef}`);
}

/** The same for two ways to write one KEK. */
export function nameOf(uri: KekUri): string {
  return JSON.stringify(Object.entries(uri).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function byName(uris: readonly KekUri[]): Map<string, KekUri> {
  return new Map(uris.map((uri) => [nameOf(uri), uri]));
}
