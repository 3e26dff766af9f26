import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { usage } from "../failure.ts";
import { fileIdentity, type Input, type Inputs } from "./inputs.ts";
import type { OwnFiles } from "./own-files.ts";

export interface Planned {
  readonly input: Input;
  /** "-" is standard output. */
  readonly output: string;
}

/**
 * Where each input goes: `-o` names a file for one input and a folder for more, `rename` gives the name beside or below it. Everything that would lose
 * bytes is refused here, before anything is written: two inputs for one output, an output that is an input or a file that the command line names.
 */
export async function planOutputs(
  inputs: Inputs,
  own: OwnFiles,
  out: string | undefined,
  rename: (name: string) => string,
): Promise<readonly Planned[]> {
  const into =
    out !== undefined && out !== "-" && (inputs.expanded || inputs.list.length > 1 || out.endsWith("/") || (await isFolder(out)));
  if (out === "-" && inputs.list.length > 1) throw usage("several inputs cannot go to standard output: -o FOLDER");
  const planned = inputs.list.map((input) => ({ input, output: outputOf(input, out, into, rename) }));
  const taken = new Map<string, string>();
  const sources = new Set(inputs.list.map(({ identity }) => identity));
  for (const { input, output } of planned) {
    if (output === "-") continue;
    const other = taken.get(resolve(output));
    if (other !== undefined) throw usage(`${other} and ${input.path} would both become ${output}`);
    taken.set(resolve(output), input.path);
    const there = await fileIdentity(output);
    if (there !== undefined && sources.has(there)) throw usage(`${output} is itself an input`);
    const named = there === undefined ? undefined : own.get(there);
    if (named !== undefined) throw usage(`${output} is ${named} that this command reads: give another -o PATH`);
    if (await isFolder(output)) throw usage(`${output} is a folder`);
  }
  return planned;
}

function outputOf(input: Input, out: string | undefined, into: boolean, rename: (name: string) => string): string {
  if (out !== undefined && !into) return out;
  if (input.path === "-") {
    if (out !== undefined) throw usage("standard input has no name to use in a folder: -o PATH");
    return "-";
  }
  return out === undefined ? rename(input.path) : join(out, rename(input.relative));
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
}
