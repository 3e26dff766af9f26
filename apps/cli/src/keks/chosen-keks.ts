import type { Kek } from "@letterlock/core";
import { usage } from "../failure.ts";
import type { Configuration } from "./configuration.ts";
import type { KekSource, SourceOptions } from "./kek-source.ts";
import { type KekUri, looksLikeKekUri, parseKekUri, withoutCredentials } from "./kek-uri.ts";
import { makeIntermediate, makeSource } from "./make-kek.ts";
import { didYouMean } from "./nearest-name.ts";
import { type NextPassphrase, type PassphraseSource, passphrases } from "./passphrase-source.ts";
import { requireKnownVault } from "./vault-token-hosts.ts";

interface KekNames {
  readonly with?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
}

/** What a command does with KEKs: only those are made, so that nothing is asked for in vain. */
export interface KekRoles {
  readonly opens: boolean;
  readonly seals: boolean;
}

export interface ChosenKeks {
  /** KEKs that open, in the order in which they are tried. */
  readonly from: readonly Kek[];
  /** KEKs that seal. */
  readonly to: readonly Kek[];
}

/** The KEKs of a command line before one is made. */
export interface ChosenUris {
  readonly from: readonly KekUri[];
  readonly to: readonly KekUri[];
}

/**
 * What --with and --to name, else the configuration's `open` and `seal`. Those that open are there for a command that seals too, where an intermediate
 * KEK needs them.
 */
export function chooseUris(names: KekNames, configuration: Configuration, roles: KekRoles): ChosenUris {
  const to = roles.seals ? namedOr(names.to, configuration.seal, configuration) : [];
  const opens = roles.opens || to.some(({ provider }) => provider === "intermediate");
  const from = opens ? namedOr(names.with, configuration.open, configuration) : [];
  if (roles.opens && from.length === 0) throw usage('name the KEKs that open: --with KEK, or "open" in the configuration');
  if (roles.seals && to.length === 0) throw usage('name the KEKs to seal for: --to KEK, or "seal" in the configuration');
  return { from, to };
}

/** Makes the KEKs for the work and closes them after it. */
export async function withKeks<T>(
  uris: ChosenUris,
  sources: readonly PassphraseSource[],
  work: (keks: ChosenKeks) => Promise<T>,
): Promise<T> {
  return withSources(uris, sources, ({ from, to }) =>
    work({ from: from.map((source) => source.create()), to: to.map((source) => source.create()) }),
  );
}

/**
 * The same for who needs several instances of one KEK. An intermediate KEK is opened by the KEKs that open: those of `from` except itself, and those
 * that stand before it if they are intermediate too; where there are none, by those of `to`.
 */
export async function withSources<T>(
  { from, to }: ChosenUris,
  passphraseSources: readonly PassphraseSource[],
  work: (sources: { readonly from: readonly KekSource[]; readonly to: readonly KekSource[] }) => Promise<T>,
  options: SourceOptions = {},
): Promise<T> {
  const made: KekSource[] = [];
  try {
    const next = passphrases(passphraseSources, [...from, ...to].filter(({ provider }) => provider === "passphrase").length);
    const opening = await makeSources(from, { next, purpose: "open", opening: [], made, options });
    const sealing = await makeSources(to, { next, purpose: "new", opening, made, options });
    return await work({ from: opening, to: sealing });
  } finally {
    for (const source of made) await source.close();
  }
}

/** A word after the first of `--to` and `--with` may be one more KEK or a file. */
export function isKek(word: string, configuration: Configuration): boolean {
  return looksLikeKekUri(word) || Object.hasOwn(configuration.keks, word);
}

function namedOr(named: readonly string[] | undefined, configured: readonly string[], configuration: Configuration): readonly KekUri[] {
  if (named === undefined) return configured.map((word) => configuredKek(word, configuration));
  return named.map((word) => (looksLikeKekUri(word) ? parseKekUri(word, process.cwd()) : configuredKek(word, configuration)));
}

/** `word`: a URI that stands in the configuration, or a name that it defines. */
function configuredKek(word: string, configuration: Configuration): KekUri {
  const uri = uriOf(word, configuration);
  requireKnownVault(uri, configuration);
  return uri;
}

function uriOf(word: string, configuration: Configuration): KekUri {
  if (looksLikeKekUri(word)) return parseKekUri(word, configuration.folder);
  const uri = Object.hasOwn(configuration.keks, word) ? configuration.keks[word] : undefined;
  if (uri !== undefined) return parseKekUri(uri, configuration.folder);
  const known = Object.keys(configuration.keks);
  const choice =
    known.length === 0 ? "no configuration names KEKs" : `${configuration.path} has ${known.join(", ")}${didYouMean(word, known)}`;
  throw usage(`${withoutCredentials(word)} is neither a KEK URI, such as local:PATH, nor a name: ${choice}`);
}

interface Making {
  readonly next: NextPassphrase;
  readonly purpose: "open" | "new";
  readonly opening: readonly KekSource[];
  /** Gets each source, at once, so that it is closed whatever happens next. */
  readonly made: KekSource[];
  readonly options: SourceOptions;
}

async function makeSources(uris: readonly KekUri[], making: Making): Promise<readonly KekSource[]> {
  const { opening, made } = making;
  const sources = new Map<KekUri, KekSource>();
  const keep = (uri: KekUri, source: KekSource): void => {
    sources.set(uri, source);
    made.push(source);
  };
  for (const uri of uris) {
    if (uri.provider !== "intermediate") keep(uri, await makeSource(uri, making));
  }
  for (const uri of uris) {
    if (uri.provider !== "intermediate") continue;
    const openers = (opening.length > 0 ? opening : [...sources.values()]).map((source) => source.create());
    keep(
      uri,
      await makeIntermediate(
        uri,
        openers.filter(({ keyRef }) => keyRef !== uri.keyId),
      ),
    );
  }
  return uris.flatMap((uri) => sources.get(uri) ?? []);
}
