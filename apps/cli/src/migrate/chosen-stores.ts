import { usage } from "../failure.ts";
import { isKek } from "../keks/chosen-keks.ts";
import { type Configuration, loadConfiguration } from "../keks/configuration.ts";
import { withoutCredentials } from "../keks/kek-uri.ts";
import type { MigrateOptions } from "./migrate-options.ts";
import { isAcceptable } from "./walk-options.ts";

export interface ChosenStore {
  readonly name: string;
  readonly entry: Configuration["stores"][string];
}

/** What a command line asks for. */
export interface AskedStores {
  readonly configuration: Configuration;
  /** With the KEKs and the accepted classes that stood among the names of stores. */
  readonly options: MigrateOptions;
  readonly chosen: readonly ChosenStore[];
}

/** The stores that `words` name in the configuration, else all of it. */
export async function askedStores(words: readonly string[], given: MigrateOptions): Promise<AskedStores> {
  const configuration = await loadConfiguration(given.config);
  const { stores, options } = sortWords(words, given, configuration);
  return { configuration, options, chosen: chooseStores(stores, configuration) };
}

/** The words of a command line, told apart: the KEKs, the accepted classes and the names of stores. */
interface SortedWords {
  readonly stores: readonly string[];
  readonly options: MigrateOptions;
}

/** `--from A B` names two KEKs, or a KEK and a store: only the configuration can tell. A KEK goes first. */
function sortWords(words: readonly string[], options: MigrateOptions, configuration: Configuration): SortedWords {
  const stores = [...words];
  const list = (first: readonly string[] | undefined, more: readonly string[] = [], belongs: (word: string) => boolean) => {
    stores.push(...more.filter((word) => !belongs(word)));
    return first === undefined ? undefined : [...first, ...more.filter(belongs)];
  };
  const named = (word: string): boolean => isKek(word, configuration);
  const from = list(options.from, options.fromOrIn, named);
  const to = list(options.to, options.toOrIn, named);
  const accept = list(options.accept, options.acceptOrIn, isAcceptable);
  // A version can be any word, so only the names of stores are none.
  const keyVersion = list(options.keyVersion, options.keyVersionOrIn, (word) => !Object.hasOwn(configuration.stores, word));
  const sorted = { ...(from && { from }), ...(to && { to }), ...(accept && { accept }), ...(keyVersion && { keyVersion }) };
  return { stores, options: { ...options, ...sorted } };
}

/** Those that are named, else all of the configuration, in its order. */
function chooseStores(names: readonly string[], { stores, path }: Configuration): readonly ChosenStore[] {
  const all = Object.entries(stores).map(([name, entry]) => ({ name, entry }));
  if (all.length === 0) {
    const where = path === undefined ? "there is no letterlock.config.json here or above" : `${path} names none`;
    throw usage(`migrate works on the stores of a configuration, and ${where}: name them under "stores"`);
  }
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated !== undefined) throw usage(`the store ${withoutCredentials(repeated)} is named twice`);
  if (names.length === 0) return all;
  return names.map((name) => {
    const found = all.find((store) => store.name === name);
    if (found === undefined)
      throw usage(`${withoutCredentials(name)} is no store: ${path} has ${all.map((store) => store.name).join(", ")}`);
    return found;
  });
}
