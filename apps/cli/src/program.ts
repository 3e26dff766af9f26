import { Argument, Command, InvalidArgumentError, Option } from "commander";
import type { EmulatorsOptions } from "./commands/emulators.ts";
import { type KekUse, kekUses } from "./doctor/kek-use.ts";
import type { ExitStatus } from "./exit-status.ts";
import { examples, exitStatusHelp, kekHelp, keyStoreHelp } from "./help-texts.ts";
import type { PassphraseSource } from "./keks/passphrase-source.ts";
import type { KeyStoreOptions } from "./key-stores/key-store-session.ts";
import { addMigrate } from "./migrate-program.ts";
import type { CommandOptions } from "./session.ts";

type Done = (status: ExitStatus) => void;

/** The command line as data: parsing, help and completions come from it. The work is loaded when a command runs. */
export function createProgram(done: Done): Command {
  const program = new Command("letterlock")
    .description("Seals files so that any of several key-management services can open them.")
    .option("-V, --version", "print the version")
    .showSuggestionAfterError()
    .addHelpText("after", `\n${kekHelp}\n\n${exitStatusHelp}`);
  quietErrors(program);

  add(program, "keygen", "make a key file, or an intermediate key")
    .option("--name <name>", "name of the key, by which sealed files say who can open them")
    .option("-o, --out <path>", "where the key goes (default: NAME.key); - is standard output")
    .option("--intermediate", "make a key-encryption key that is sealed for the KEKs of --to: many files, one call to a provider")
    .action(async (options: CommandOptions) => done(await (await import("./commands/keygen.ts")).keygen(options)));
  sealing(lists(command(program, "keygen"), ["to"]));

  objects(add(program, "encrypt", "seal files"), ["to", "with"])
    .option("-o, --out <path>", "output file, or folder for several inputs; - is standard output")
    .option("--detached <key>", "a context key whose value is not stored in the file (repeatable)", collect)
    .addOption(new Option("--suite <suite>", "cipher").choices(["aes-256-gcm", "chacha20-poly1305"]))
    .option("--aad <text>", "bytes bound to this one object and not stored")
    .action(async (inputs: string[], options: CommandOptions) =>
      done(await (await import("./commands/encrypt.ts")).encrypt(inputs, options)),
    );

  objects(add(program, "decrypt", "open sealed files"), ["with"])
    .option("-o, --out <path>", "output file, or folder for several inputs; - is standard output")
    .option("--range <A-B>", "only bytes A up to but not B of the plaintext (A-: to the end), to standard output unless -o")
    .option("--aad <text>", "the aad that the object was sealed with")
    .action(async (inputs: string[], options: CommandOptions) =>
      done(await (await import("./commands/decrypt.ts")).decrypt(inputs, options)),
    );

  add(program, "inspect", "show what is inside, without keys; nothing of it is verified")
    .argument("[in...]", "files, globs, folders or -")
    .option("--text", "the objects are in their text form")
    .action(async (inputs: string[], options: CommandOptions) =>
      done(await (await import("./commands/inspect.ts")).inspect(inputs, options)),
    );

  objects(add(program, "verify", "try every recipient of sealed files"), ["with"])
    .option("--payload", "open the whole payload too")
    .option("--aad <text>", "the aad that the object was sealed with")
    .action(async (inputs: string[], options: CommandOptions) =>
      done(await (await import("./commands/verify.ts")).verify(inputs, options)),
    );

  objects(add(program, "rewrap", "change who can open, in place; the payload is not touched"), ["with", "to"])
    .option("--keep", "keep the recipients that are there")
    .action(async (inputs: string[], options: CommandOptions) =>
      done(await (await import("./commands/rewrap.ts")).rewrap(inputs, options)),
    );

  keyStores(objects(add(program, "refresh", "wrap again under the newest version of the same KEKs, in place"), ["with"])).action(
    async (inputs: string[], options: KeyStoreOptions) => done(await (await import("./commands/refresh.ts")).refresh(inputs, options)),
  );

  keyStores(
    keyed(lists(add(program, "stale", "list what names an old version of the KEKs, or another KEK; from headers, unverified"), ["with"])),
  )
    .argument("[in...]", "files, globs, folders or -; default: standard input")
    .option("--text", "the sealed objects are in their text form")
    .option("--context <K=V>", "with --key-store: only keys whose context has this pair (repeatable)", collect)
    .action(async (inputs: string[], options: KeyStoreOptions) => done(await (await import("./commands/stale.ts")).stale(inputs, options)));

  objects(add(program, "rekey", "new data key: seal the payload again, in place"), ["with", "to"])
    .option("--aad <text>", "the aad that the object was sealed with")
    .action(async (inputs: string[], options: CommandOptions) => done(await (await import("./commands/rekey.ts")).rekey(inputs, options)));

  sealing(lists(add(program, "doctor", "check what the credentials may do with a KEK, and how it behaves; nothing is changed"), ["with"]))
    .argument("<kek>", "the KEK")
    .option("--for <use>", "check only what this takes: seal, open or refresh (repeatable)", collectUse)
    .action(async (kek: string, options: CommandOptions) => done(await (await import("./commands/doctor.ts")).doctor(kek, options)));

  keyed(lists(add(program, "conformance", "run the conformance suite on two keys of one provider; nothing is changed"), ["with"]))
    .argument("<kek-a>", "a KEK")
    .argument("<kek-b>", "another one")
    .action(async (a: string, b: string, options: CommandOptions) =>
      done(await (await import("./commands/conformance.ts")).conformance(a, b, options)),
    );

  addMigrate(program, { add, keyed, list }, done);

  add(program, "emulators", "run the four key-management services on this machine, for development")
    .option("--port-base <n>", "the first of five ports (default: 47300); 0: free ones")
    .option("--host <address>", "where to listen (default: 127.0.0.1)")
    .option("--allow-remote", "let the host be one that other machines can reach: an emulator keeps no secret")
    .action(async (options: EmulatorsOptions) => done(await (await import("./commands/emulators.ts")).emulators(options)));

  add(program, "completion", "print a completion script")
    .addArgument(new Argument("<shell>", "the shell").choices(["bash", "zsh", "fish"]))
    .action(async (shell: "bash" | "zsh" | "fish") => {
      const { completionScript } = await import("./commands/completion.ts");
      process.stdout.write(completionScript(shell, program));
      done(0);
    });
  return program;
}

function add(program: Command, name: string, description: string): Command {
  const added = program
    .command(name)
    .description(description)
    .option("--json", "results and errors as lines of JSON")
    .option("--quiet", "no results, no warnings, no progress")
    .option("--debug", "show where an error comes from");
  quietErrors(added);
  const text = examples[program.parent === null ? name : `${program.name()} ${name}`];
  return added.addHelpText("after", `${text === undefined ? "" : `\nExamples:\n${text}\n`}\n${exitStatusHelp}`);
}

function command(program: Command, name: string): Command {
  return program.commands.find((added) => added.name() === name) ?? program;
}

/** What the commands on sealed objects share. */
function objects(added: Command, keks: readonly ("to" | "with")[]): Command {
  const opens = added.name() !== "encrypt";
  lists(added, keks).argument("[in...]", "files, globs, folders or -; default: standard input");
  sealing(added).option("--text", "the sealed objects are in their text form").option("--force", "replace files that exist");
  return opens ? added.option("--context-from-header", "take the context that the object says, without an expectation") : added;
}

/** Commands whose --with names no KEK that opens what they work on. */
const opensIntermediate: ReadonlySet<string> = new Set(["encrypt", "doctor", "conformance"]);

function lists(added: Command, keks: readonly ("to" | "with")[]): Command {
  const meanings = {
    to: "KEKs to seal for",
    with: opensIntermediate.has(added.name()) ? "KEKs that open intermediate KEKs" : "KEKs that open, in this order",
  };
  for (const name of keks) list(added, name, "kek", meanings[name]);
  return added;
}

/** An option that takes several words, some of which may be the command's own: `splitKekLists`. */
function list(added: Command, name: string, value: string, meaning: string): Command {
  return added
    .option(`--${name} <${value}...>`, meaning, collect)
    .addOption(new Option(`--${name}-or-in <word>`).argParser(collect).hideHelp());
}

function sealing(added: Command): Command {
  return keyed(added.option("--context <K=V>", "what the data is about, bound to it (repeatable)", collect));
}

/** Where KEKs come from. */
function keyed(added: Command): Command {
  const sources: PassphraseSource[] = [];
  return added
    .addOption(passphraseOption("--passphrase-file <path>", "read a passphrase from a file (repeatable)", sources, (file) => ({ file })))
    .addOption(
      passphraseOption("--passphrase-fd <n>", "read a passphrase from a file descriptor (repeatable)", sources, (n) => ({
        fd: descriptor(n),
      })),
    )
    .option("--config <path>", "the configuration (default: letterlock.config.json of this folder or one above)");
}

/** What works on the key blobs of a key ring as well as on files. */
function keyStores(added: Command): Command {
  return added
    .option("--key-store <uri>", "instead of files, a key store of @letterlock/keyring; --context narrows it to keys that have these pairs")
    .option("--after <keyid>", "with --key-store: go on after this key")
    .addHelpText("after", `\n${keyStoreHelp}`);
}

/** Both options fill one list, which keeps their order. */
function passphraseOption(
  flags: string,
  description: string,
  sources: PassphraseSource[],
  source: (value: string) => PassphraseSource,
): Option {
  const option = new Option(flags, description).argParser((value: string) => {
    sources.push(source(value));
    return sources;
  });
  option.attributeName = () => "passphraseSources";
  return option;
}

function descriptor(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError("It is a number.");
  return Number(text);
}

function collect(value: string, values: readonly string[] | undefined): readonly string[] {
  return [...(values ?? []), value];
}

function collectUse(value: string, values: readonly KekUse[] | undefined): readonly KekUse[] {
  const use = kekUses.find((known) => known === value);
  if (use === undefined) throw new InvalidArgumentError(`It is one of ${kekUses.join(", ")}.`);
  return [...(values ?? []), use];
}

/** Errors are thrown, and the report says them in its own way. */
function quietErrors(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => {} });
}
