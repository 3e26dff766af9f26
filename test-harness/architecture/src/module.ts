import { parseSync } from "oxc-parser";
import type { TextFile } from "./repository.ts";

/** A TypeScript file, its package and what it names in imports and exports. */
export interface Module extends TextFile {
  /** "packages/core" */
  readonly home: string;
  readonly inSource: boolean;
  readonly imports: readonly string[];
  /** Those that are left when the types are erased. */
  readonly runtimeImports: readonly string[];
  /** The kinds of the statements that run, or declare, when the module is imported. */
  readonly statements: readonly string[];
}

export function modulesIn(files: readonly TextFile[]): Module[] {
  return files.filter(({ path }) => /^(packages|apps|test-harness)\/[^/]+\/.*\.ts$/.test(path)).map(moduleOf);
}

function moduleOf({ path, text }: TextFile): Module {
  const { module, program, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const names = [
    ...module.staticImports.map((one) => one.moduleRequest.value),
    ...module.staticExports.flatMap((one) => one.entries.flatMap(({ moduleRequest }) => moduleRequest?.value ?? [])),
    ...module.dynamicImports.map(({ moduleRequest }) =>
      text.slice(moduleRequest.start, moduleRequest.end).replaceAll(/^["'`]|["'`]$/g, ""),
    ),
  ];
  const runtimeNames = [
    ...module.staticImports
      .filter(({ entries }) => entries.length === 0 || entries.some((entry) => !entry.isType))
      .map((one) => one.moduleRequest.value),
    ...module.staticExports.flatMap((one) =>
      one.entries.flatMap(({ moduleRequest, isType }) => (isType ? [] : (moduleRequest?.value ?? []))),
    ),
  ];
  const home = path.split("/").slice(0, 2).join("/");
  return {
    path,
    text,
    home,
    inSource: path.startsWith(`${home}/src/`),
    imports: [...new Set(names)],
    runtimeImports: [...new Set(runtimeNames)],
    statements: program.body.map((statement) => statement.type),
  };
}

/** The path of the file that a relative import names. */
export function target(from: Module, name: string): string {
  const parts = from.path.split("/").slice(0, -1);
  for (const part of name.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
