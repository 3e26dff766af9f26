import type { Command, Option } from "commander";
import { kekSchemes } from "../keks/kek-uri.ts";
import { keyStoreSchemes } from "../key-stores/key-store-uri.ts";

/** A completion script, made from the commands and options that the program declares. */
export function completionScript(shell: "bash" | "zsh" | "fish", program: Command): string {
  return scripts[shell](program.commands.map(describe));
}

interface Described {
  readonly name: string;
  readonly description: string;
  readonly options: readonly Option[];
  /** The commands of a command: `migrate plan`. */
  readonly steps: readonly Described[];
}

const shells = ["bash", "zsh", "fish"];
/** Options whose values are KEKs. */
const kekOptions: readonly string[] = ["--to", "--with", "--from", "--kek"];
/** Commands whose own words are KEKs. */
const takeKeks: readonly string[] = ["doctor", "conformance"];

function describe(command: Command): Described {
  const options = command.options.filter(({ hidden }) => !hidden);
  return { name: command.name(), description: command.description(), options, steps: command.commands.map(describe) };
}

const scripts = { bash, zsh, fish };

function bash(commands: readonly Described[]): string {
  const words = ({ options }: Described) => options.map(({ long }) => long).join(" ");
  const cases = commands.map((command) => {
    const { name, steps } = command;
    if (steps.length === 0) return `    ${name}) words="${words(command)}" ;;`;
    const inner = steps.map((step) => `      ${step.name}) words="${words(step)}" ;;`);
    const names = steps.map((step) => step.name).join(" ");
    return `    ${name})
      if [ "$COMP_CWORD" -eq 2 ]; then
        COMPREPLY=($(compgen -W "${names} --help" -- "$current"))
        return
      fi
      case "\${COMP_WORDS[2]}" in
${inner.join("\n")}
      esac ;;`;
  });
  return `# bash completion of letterlock
_letterlock() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} --help --version" -- "$current"))
    return
  fi
  case "$previous" in
    ${kekOptions.join("|")}) COMPREPLY=($(compgen -W "${kekSchemes.join(" ")}" -- "$current")); compopt -o nospace; return ;;
    --key-store) COMPREPLY=($(compgen -W "${keyStoreSchemes.join(" ")}" -- "$current")); compopt -o nospace; return ;;
    completion) COMPREPLY=($(compgen -W "${shells.join(" ")}" -- "$current")); return ;;
    --suite) COMPREPLY=($(compgen -W "aes-256-gcm chacha20-poly1305" -- "$current")); return ;;
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  case "$current:\${COMP_WORDS[1]}" in
    -*) COMPREPLY=($(compgen -W "$words --help" -- "$current")) ;;
    ${takeKeks.map((name) => `*:${name}`).join("|")}) COMPREPLY=($(compgen -W "${kekSchemes.join(" ")}" -- "$current")); compopt -o nospace ;;
    *) compopt -o default ;;
  esac
}
complete -F _letterlock letterlock
`;
}

function zsh(commands: readonly Described[]): string {
  const names = commands.map(({ name, description }) => `    '${name}:${description.replaceAll("'", "'\\''")}'`);
  const cases = commands.map((command) => {
    const { name, steps } = command;
    if (steps.length === 0) return `    ${name}) ${zshArguments(command, zshWords(name))} ;;`;
    const inner = steps.map((step) => `        ${step.name}) ${zshArguments(step, "'*:store:'")} ;;`);
    return `    ${name})
      if (( CURRENT == 2 )); then
        _values command ${steps.map((step) => `'${step.name}[${zshText(step.description)}]'`).join(" ")}
        return
      fi
      command="$words[2]"
      shift words
      (( CURRENT-- ))
      case "$command" in
${inner.join("\n")}
      esac ;;`;
  });
  return `#compdef letterlock
_letterlock() {
  local -a commands
  commands=(
${names.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="$words[2]"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
  esac
}
if [ "$funcstack[1]" = _letterlock ]; then _letterlock "$@"; else compdef _letterlock letterlock; fi
`;
}

function zshArguments({ options }: Described, rest: string): string {
  const specs = options.map((option) => `'*${option.long}[${zshText(option.description)}]${option.required ? zshValue(option) : ""}'`);
  return `_arguments ${[...specs, rest].join(" ")}`;
}

function zshWords(name: string): string {
  if (name === "completion") return `'1:shell:(${shells.join(" ")})'`;
  return takeKeks.includes(name) ? `'*${zshKeks}'` : "'*:file:_files'";
}

function zshText(text: string): string {
  return text.replaceAll("'", "").replaceAll(/[[\]:]/g, " ");
}

const zshKeks = `:kek:(${zshSchemes(kekSchemes)})`;

function zshSchemes(schemes: readonly string[]): string {
  return schemes.map((scheme) => scheme.replace(":", "\\:")).join(" ");
}

function zshValue({ long }: Option): string {
  if (long === "--key-store") return `:key store:(${zshSchemes(keyStoreSchemes)})`;
  if (long !== undefined && long !== null && kekOptions.includes(long)) return zshKeks;
  return long === "--suite" ? ":suite:(aes-256-gcm chacha20-poly1305)" : ":value:_files";
}

function schemesOf({ long }: Option): readonly string[] | undefined {
  if (long === "--key-store") return keyStoreSchemes;
  return long !== undefined && kekOptions.includes(long) ? kekSchemes : undefined;
}

function fish(commands: readonly Described[]): string {
  const text = (value: string) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const optionLines = (condition: string, options: readonly Option[]) =>
    options.map((option) => {
      const schemes = schemesOf(option);
      const words = schemes === undefined ? "" : ` -f -a ${text(schemes.join(" "))}`;
      return `complete -c letterlock -n '${condition}' -l ${option.long?.slice(2)}${option.required ? " -r" : ""}${words} -d ${text(option.description)}`;
    });
  const lines = commands.flatMap(({ name, description, options, steps }) => {
    const seen = `__fish_seen_subcommand_from ${name}`;
    const noStep = `${seen}; and not __fish_seen_subcommand_from ${steps.map((step) => step.name).join(" ")}`;
    return [
      `complete -c letterlock -n __fish_use_subcommand -f -a ${name} -d ${text(description)}`,
      ...optionLines(seen, options),
      ...steps.flatMap((step) => [
        `complete -c letterlock -n '${noStep}' -f -a ${step.name} -d ${text(step.description)}`,
        ...optionLines(`${seen}; and __fish_seen_subcommand_from ${step.name}`, step.options),
      ]),
    ];
  });
  const shell = `complete -c letterlock -n '__fish_seen_subcommand_from completion' -f -a ${text(shells.join(" "))}`;
  const keks = takeKeks.map(
    (name) => `complete -c letterlock -n '__fish_seen_subcommand_from ${name}' -f -a ${text(kekSchemes.join(" "))}`,
  );
  return `# fish completion of letterlock\n${[...lines, ...keks, shell].join("\n")}\n`;
}
