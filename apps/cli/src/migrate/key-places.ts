import type { Kek } from "@letterlock/core";
import type { Configuration } from "../keks/configuration.ts";
import { looksLikeKekUri, withoutCredentials } from "../keks/kek-uri.ts";
import { keyNames } from "./store-keks.ts";

/**
 * Keys as people know them, with their name in the configuration and their URI: "vault-transit transit/dev (dr: vault-transit://…)". What an object names of a key is the same on several
 * servers. `words` named the keys, in their order.
 */
export function keyPlaces(
  keks: readonly Pick<Kek, "provider" | "keyRef">[],
  words: readonly string[],
  configuration: Pick<Configuration, "keks">,
): readonly string[] {
  const names = keyNames(keks);
  if (words.length !== names.length) return names;
  return names.map((name, index) => `${name} (${placeOf(words[index] ?? "", configuration)})`);
}

function placeOf(word: string, { keks }: Pick<Configuration, "keks">): string {
  if (looksLikeKekUri(word)) return withoutCredentials(word);
  return `${withoutCredentials(word)}: ${withoutCredentials(keks[word] ?? "")}`;
}
