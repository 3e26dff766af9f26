import type { ExitStatus } from "./exit-status.ts";
import { usage } from "./failure.ts";
import { expandInputs, type Input, type Inputs } from "./files/inputs.ts";
import { type OwnFiles, ownFiles } from "./files/own-files.ts";
import { type ChosenKeks, chooseUris, isKek, type KekRoles, withKeks } from "./keks/chosen-keks.ts";
import { type Configuration, loadConfiguration } from "./keks/configuration.ts";
import type { PassphraseSource } from "./keks/passphrase-source.ts";
import { createReport, type Report } from "./terminal/report.ts";

/** The options that every command on objects has; each command reads the ones that it declares. */
export interface CommandOptions {
  readonly to?: readonly string[];
  readonly with?: readonly string[];
  /** Words after the first one of --to and --with: more KEKs, or inputs. */
  readonly toOrIn?: readonly string[];
  readonly withOrIn?: readonly string[];
  readonly out?: string;
  readonly context?: readonly string[];
  readonly contextFromHeader?: boolean;
  readonly detached?: readonly string[];
  readonly aad?: string;
  readonly suite?: "aes-256-gcm" | "chacha20-poly1305";
  readonly text?: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly force?: boolean;
  readonly debug?: boolean;
  readonly config?: string;
  readonly passphraseSources?: readonly PassphraseSource[];
  readonly range?: string;
  readonly payload?: boolean;
  readonly keep?: boolean;
  readonly name?: string;
  readonly intermediate?: boolean;
}

/** A command about to run: its words sorted out, its KEKs not made yet. */
export interface Session {
  readonly options: CommandOptions;
  readonly report: Report;
  readonly configuration: Configuration;
  readonly inputs: Inputs;
  /** Files that are no outputs, because they are what the KEKs of these roles are made of. */
  ownFiles(roles: KekRoles): Promise<OwnFiles>;
  withKeks(roles: KekRoles, work: (keks: ChosenKeks) => Promise<ExitStatus>): Promise<ExitStatus>;
}

export async function openSession(words: readonly string[], options: CommandOptions, found: (path: string) => boolean): Promise<Session> {
  const report = createReport(options);
  const configuration = await loadConfiguration(options.config);
  const to = sortWords(options.to, options.toOrIn, configuration);
  const from = sortWords(options.with, options.withOrIn, configuration);
  const named = [...words, ...to.inputs, ...from.inputs];
  if (named.length === 0 && process.stdin.isTTY) throw usage("name the files to work on, or - for standard input");
  const inputs = await expandInputs(named.length === 0 ? ["-"] : named, found);
  report.progress.expect(total(inputs.list));
  const passphraseSources = options.passphraseSources ?? [];
  // The passphrase would take the data, and what is left of them, nothing, would be sealed.
  const fromStandardInput = passphraseSources.some((source) => ("fd" in source ? source.fd === 0 : source.file === "/dev/stdin"));
  if (fromStandardInput && inputs.list.some(({ path }) => path === "-")) {
    throw usage("the passphrase and the data cannot both come from standard input: --passphrase-file PATH or another descriptor");
  }
  const uris = (roles: KekRoles) => chooseUris({ with: from.keks, to: to.keks }, configuration, roles);
  return {
    options,
    report,
    configuration,
    inputs,
    ownFiles(roles) {
      const chosen = uris(roles);
      return ownFiles({ uris: [...chosen.from, ...chosen.to], passphraseSources, configuration: configuration.path });
    },
    withKeks: (roles, work) => withKeks(uris(roles), passphraseSources, work),
  };
}

/** Does the work for each object, in order. One that fails does not stop the others. */
export async function forEachObject<T extends { readonly input: Input }>(
  report: Report,
  list: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<ExitStatus> {
  let failed = 0;
  let status: ExitStatus = 0;
  for (const item of list) {
    try {
      await work(item);
    } catch (error) {
      status = report.failed(error, item.input.path);
      failed++;
    }
  }
  report.progress.clear();
  return failed > 0 && list.length > 1 ? 1 : status;
}

export function isSealedName(path: string): boolean {
  return path.endsWith(sealedSuffix);
}

export const sealedSuffix = ".ltrl";

/** Attempts that failed before one worked: a damaged recipient, or a KEK about to be missed. */
export function warnOfAttempts(
  report: Report,
  input: Input,
): (attempt: { readonly provider: string; readonly keyRef: string; readonly code: string }) => void {
  return ({ provider, keyRef, code }) =>
    report.warning(`${input.path}: ${provider} ${keyRef} failed (${code}), another KEK opened it; \`letterlock verify\` tells more`, {
      input: input.path,
      provider,
      keyRef,
      code,
    });
}

function sortWords(
  first: readonly string[] | undefined,
  more: readonly string[] = [],
  configuration: Configuration,
): { readonly keks: readonly string[] | undefined; readonly inputs: readonly string[] } {
  if (first === undefined) return { keks: undefined, inputs: [] };
  return {
    keks: [...first, ...more.filter((word) => isKek(word, configuration))],
    inputs: more.filter((word) => !isKek(word, configuration)),
  };
}

function total(inputs: readonly Input[]): number | undefined {
  let bytes = 0;
  for (const input of inputs) {
    if (input.bytes === undefined) return undefined;
    bytes += input.bytes;
  }
  return bytes;
}
