import { usage } from "../failure.ts";
import { printable } from "../terminal/printable.ts";
import type { Configuration } from "./configuration.ts";
import { looksLikeKekUri, withoutCredentials } from "./kek-uri.ts";
import { didYouMean } from "./nearest-name.ts";

/** Refuses a configuration that speaks of a KEK which it does not name, with the place. URIs are read when they are used. */
export function refuseUnknownNames(
  configuration: Pick<Configuration, "keks" | "seal" | "open" | "stores" | "from" | "to" | "rates">,
  path: string,
): void {
  const { keks, seal, open, from, to, stores, rates } = configuration;
  const names = Object.keys(keks);
  const unknown = (word: string): boolean => !looksLikeKekUri(word) && !Object.hasOwn(keks, word);
  const refuse = (place: string, word: string, said: string): never => {
    const known = names.length === 0 ? "keks names none" : `keks names ${names.join(", ")}${didYouMean(word, names)}`;
    throw usage(`${path}: ${place}: ${said} neither a name nor a KEK URI, such as local:PATH: ${known}`);
  };
  const lists: readonly (readonly [string, readonly string[] | undefined])[] = [
    ...Object.entries({ seal, open, from, to }),
    ...Object.entries(stores).flatMap(([name, entry]) => [
      [`stores.${name}.from`, entry.from] as const,
      [`stores.${name}.to`, entry.to] as const,
    ]),
  ];
  for (const [place, words = []] of lists) {
    const word = words.find(unknown);
    if (word !== undefined) refuse(place, word, `${printable(withoutCredentials(word))} is`);
  }
  const rated = Object.keys(rates).find(unknown);
  if (rated !== undefined) refuse(`rates.${printable(withoutCredentials(rated))}`, rated, "this is");
}
