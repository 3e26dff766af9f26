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
}

const shells = ["bash", "zsh", "fish"];
/** Commands whose own words are KEKs. */
const takeKeks: readonly string[] = ["doctor", "conformance"];

function describe(command: Command): Described {
  return { name: command.name(), description: command.description(), options: command.options.filter(({ hidden }) => !hidden) };
}

const scripts = { bash, zsh, fish };

function bash(commands: readonly Described[]): string {
  const cases = commands.map(({ name, options }) => `    ${name}) words="${options.map(({ long }) => long).join(" ")}" ;;`);
  return `# bash completion of letterlock
_letterlock() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")} --help --version" -- "$current"))
    return
  fi
  case "$previous" in
    --to|--with) COMPREPLY=($(compgen -W "${kekSchemes.join(" ")}" -- "$current")); compopt -o nospace; return ;;
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
  const cases = commands.map(({ name, options }) => {
    const specs = options.map((option) => `'*${option.long}[${zshText(option.description)}]${option.required ? zshValue(option) : ""}'`);
    const rest = zshWords(name);
    return `    ${name}) _arguments ${[...specs, rest].join(" ")} ;;`;
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
  if (long === "--to" || long === "--with") return zshKeks;
  return long === "--suite" ? ":suite:(aes-256-gcm chacha20-poly1305)" : ":value:_files";
}

function schemesOf({ long }: Option): readonly string[] | undefined {
  if (long === "--key-store") return keyStoreSchemes;
  return long === "--to" || long === "--with" ? kekSchemes : undefined;
}

function fish(commands: readonly Described[]): string {
  const text = (value: string) => `'${value.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const lines = commands.flatMap(({ name, description, options }) => [
    `complete -c letterlock -n __fish_use_subcommand -f -a ${name} -d ${text(description)}`,
    ...options.map((option) => {
      const schemes = schemesOf(option);
      const words = schemes === undefined ? "" : ` -f -a ${text(schemes.join(" "))}`;
      return `complete -c letterlock -n '__fish_seen_subcommand_from ${name}' -l ${option.long?.slice(2)}${option.required ? " -r" : ""}${words} -d ${text(option.description)}`;
    }),
  ]);
  const shell = `complete -c letterlock -n '__fish_seen_subcommand_from completion' -f -a ${text(shells.join(" "))}`;
  const keks = takeKeks.map(
    (name) => `complete -c letterlock -n '__fish_seen_subcommand_from ${name}' -f -a ${text(kekSchemes.join(" "))}`,
  );
  return `# fish completion of letterlock\n${[...lines, ...keks, shell].join("\n")}\n`;
}
