import { readFile } from "node:fs/promises";
import { inspect, intermediateKek, type Kek, passphraseKek } from "@letterlock/core";
import { usage } from "../failure.ts";
import { missingAdapter } from "./adapters.ts";
import type { Configuration } from "./configuration.ts";
import { type KekUri, looksLikeKekUri, parseKekUri } from "./kek-uri.ts";
import { keyFileKek } from "./key-file.ts";
import { type NextPassphrase, type PassphraseSource, passphrases } from "./passphrase-source.ts";

export interface KekNames {
  readonly with?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
  readonly passphraseSources: readonly PassphraseSource[];
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

/** How long the key of an intermediate KEK stays in memory: as long as a command on many files reasonably runs. */
const intermediateMaxAgeMs = 15 * 60_000;

/**
 * The KEKs of a command line: what --with and --to name, else the configuration's `open` and `seal`. An intermediate KEK is opened by the KEKs that
 * open: those of --with (or `open`) except itself, and those that stand before it if they are intermediate too; where there are none, by those of --to.
 */
export async function chooseKeks(names: KekNames, configuration: Configuration, roles: KekRoles): Promise<ChosenKeks> {
  const to = roles.seals ? namedOr(names.to, configuration.seal, configuration) : [];
  const opens = roles.opens || to.some(({ provider }) => provider === "intermediate");
  const from = opens ? namedOr(names.with, configuration.open, configuration) : [];
  if (roles.opens && from.length === 0) throw usage('name the KEKs that open: --with KEK, or "open" in the configuration');
  if (roles.seals && to.length === 0) throw usage('name the KEKs to seal for: --to KEK, or "seal" in the configuration');
  const next = passphrases(names.passphraseSources, [...from, ...to].filter(({ provider }) => provider === "passphrase").length);
  const opening = await makeKeks(from, next, "open", []);
  return { from: opening, to: await makeKeks(to, next, "new", opening) };
}

/** A word after the first of `--to` and `--with` may be one more KEK or a file. */
export function isKek(word: string, configuration: Configuration): boolean {
  return looksLikeKekUri(word) || Object.hasOwn(configuration.keks, word);
}

function namedOr(named: readonly string[] | undefined, configured: readonly string[], configuration: Configuration): readonly KekUri[] {
  if (named !== undefined) return named.map((word) => resolveKek(word, configuration, process.cwd()));
  return configured.map((word) => resolveKek(word, configuration, configuration.folder));
}

function resolveKek(word: string, configuration: Configuration, folder: string): KekUri {
  if (looksLikeKekUri(word)) return parseKekUri(word, folder);
  const uri = Object.hasOwn(configuration.keks, word) ? configuration.keks[word] : undefined;
  if (uri !== undefined) return parseKekUri(uri, configuration.folder);
  const known = Object.keys(configuration.keks);
  const choice = known.length === 0 ? "no configuration names KEKs" : `${configuration.path} has ${known.join(", ")}`;
  throw usage(`${word} is neither a KEK URI, such as local:PATH, nor a name: ${choice}`);
}

async function makeKeks(
  uris: readonly KekUri[],
  next: NextPassphrase,
  purpose: "open" | "new",
  opening: readonly Kek[],
): Promise<readonly Kek[]> {
  const made = new Map<KekUri, Kek>();
  for (const uri of uris) {
    if (uri.provider === "intermediate") continue;
    made.set(uri, await makeKek(uri, next, purpose));
  }
  for (const uri of uris) {
    if (uri.provider !== "intermediate") continue;
    const openers = opening.length > 0 ? opening : [...made.values()];
    made.set(
      uri,
      await makeIntermediate(
        uri,
        openers.filter(({ keyRef }) => keyRef !== uri.keyId),
      ),
    );
  }
  return uris.flatMap((uri) => made.get(uri) ?? []);
}

async function makeKek(uri: Exclude<KekUri, { provider: "intermediate" }>, next: NextPassphrase, purpose: "open" | "new"): Promise<Kek> {
  if (uri.provider === "local") return keyFileKek(uri.path, uri.name);
  if (uri.provider === "passphrase") return passphraseKek({ name: uri.name, passphrase: await next(uri.name, purpose) });
  throw missingAdapter(uri.provider);
}

async function makeIntermediate({ path, keyId }: Extract<KekUri, { provider: "intermediate" }>, keks: readonly Kek[]): Promise<Kek> {
  if (keks.length === 0) throw usage(`intermediate:${path} needs the KEKs that open it: --with KEK, or "open" in the configuration`);
  const blob = await readFile(path);
  const info = inspect(blob);
  if (info.type !== "key-blob") throw usage(`${path} is no key blob`);
  // The keyId commits to the context (SPEC section 4), and the keyId is pinned: these values can be taken from the blob.
  return intermediateKek({ keyId, blob, keks, context: info.header.context, maxAgeMs: intermediateMaxAgeMs });
}
