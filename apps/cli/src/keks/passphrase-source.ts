import { readFileSync } from "node:fs";
import { usage } from "../failure.ts";
import { askPassphrase, terminalAvailable } from "../terminal/ask-passphrase.ts";

export type PassphraseSource = { readonly file: string } | { readonly fd: number };
export type NextPassphrase = (name: string, purpose: "open" | "new") => Promise<string>;

/**
 * Hands out passphrases in the order of the passphrase KEKs of a command line, those that open before those that seal. One file or descriptor serves
 * every one of them; more must be as many as the KEKs; none means asking on the terminal.
 */
export function passphrases(sources: readonly PassphraseSource[], keks: number): NextPassphrase {
  if (sources.length > 0 && keks === 0) throw usage("--passphrase-file and --passphrase-fd need a passphrase: KEK");
  if (sources.length > 1 && sources.length !== keks) {
    throw usage(
      `${sources.length} passphrases for ${keks} passphrase: KEKs: give one for all of them or one for each, in the order of --with and --to`,
    );
  }
  const read = sources.map(readPassphrase);
  let given = 0;
  return async (name, purpose) => {
    const passphrase = read[given++] ?? read[0];
    if (passphrase !== undefined) return passphrase;
    if (!terminalAvailable()) throw usage("there is no terminal to ask for the passphrase on: --passphrase-file PATH or --passphrase-fd N");
    return askPassphrase(name, purpose);
  };
}

/** The text up to one line end at its end, which editors and echo add. */
function readPassphrase(source: PassphraseSource): string {
  const from = "file" in source ? source.file : `file descriptor ${source.fd}`;
  const passphrase = readText(source, from).replace(/\r?\n$/, "");
  if (passphrase === "") throw usage(`the passphrase in ${from} is empty`);
  return passphrase;
}

function readText(source: PassphraseSource, from: string): string {
  try {
    const bytes = readFileSync("file" in source ? source.file : source.fd);
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw usage(`the passphrase in ${from} is not UTF-8`);
    throw usage(`the passphrase cannot be read from ${from}: ${(error as NodeJS.ErrnoException).code}`);
  }
}
