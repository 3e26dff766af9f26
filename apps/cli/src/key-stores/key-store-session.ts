import type { Context, Kek } from "@letterlock/core";
import type { KeyStore } from "@letterlock/keyring";
import type { ExitStatus } from "../exit-status.ts";
import { givenContext } from "../expected-context.ts";
import { usage } from "../failure.ts";
import { chooseUris, isKek, withKeks } from "../keks/chosen-keks.ts";
import { loadConfiguration } from "../keks/configuration.ts";
import type { CommandOptions } from "../session.ts";
import { printable } from "../terminal/printable.ts";
import { createReport, type Report } from "../terminal/report.ts";
import { keyStoreName, parseKeyStoreUri } from "./key-store-uri.ts";
import { namedStore } from "./named-store.ts";
import { openKeyStore } from "./open-key-store.ts";

export interface KeyStoreOptions extends CommandOptions {
  readonly keyStore?: string;
  readonly after?: string;
}

export interface KeyStoreWork {
  readonly name: string;
  readonly store: KeyStore;
  readonly keks: readonly Kek[];
  readonly report: Report;
  /** Only keys whose context has these pairs: those of the command line, and none of the configuration, which would leave keys out unnoticed. */
  readonly context: Context;
  readonly after: string | undefined;
  /** Aborted with the error of the store when it fails: the next keys would cost calls to the providers for nothing. */
  readonly signal: AbortSignal;
}

const forFiles = ["text", "force", "contextFromHeader"] as const;

/** Opens the key store of --key-store for the work, and closes its connection after it, so that the process can end. */
export async function withKeyStore(
  words: readonly string[],
  options: KeyStoreOptions & { readonly keyStore: string },
  work: (opened: KeyStoreWork) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const configuration = await loadConfiguration(options.config);
  const more = options.withOrIn ?? [];
  const inputs = [...words, ...more.filter((word) => !isKek(word, configuration))];
  if (inputs.length > 0) throw usage("--key-store stands instead of files: name one or the other");
  const misplaced = forFiles.find((name) => options[name] !== undefined);
  if (misplaced !== undefined) throw usage(`--${dashed(misplaced)} is for files: a key store needs none`);
  if (options.after !== undefined && !/^[A-Za-z0-9_-]{43}$/.test(options.after))
    throw usage("--after needs the id of a key, of 43 characters");
  const uri = parseKeyStoreUri(options.keyStore, process.cwd());
  const context = givenContext(options, {});
  const chosen = chooseUris({ with: options.with === undefined ? undefined : [...options.with, ...more], to: undefined }, configuration, {
    opens: true,
    seals: false,
  });
  const report = createReport(options);
  const name = keyStoreName(uri);
  const connected = await openKeyStore(uri);
  try {
    const failed = new AbortController();
    let isEmpty = true;
    const onRead = (bytes: number): void => {
      isEmpty = false;
      report.progress.add(bytes);
    };
    const store = namedStore(connected, name, { onRead, onFailure: (error) => failed.abort(error) });
    const status = await withKeks(chosen, options.passphraseSources ?? [], ({ from }) =>
      work({ name, store, keks: from, report, context, after: options.after, signal: failed.signal }),
    );
    // A wrong table or prefix looks like this.
    if (isEmpty && options.after === undefined) report.warning(`the key store ${printable(name)} has no keys`, { keyStore: name });
    return status;
  } finally {
    report.progress.clear();
    await connected.close();
  }
}

/** For a run on files. */
export function refuseKeyStoreOptions({ after }: KeyStoreOptions): void {
  if (after !== undefined) throw usage("--after goes with --key-store");
}

function dashed(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
