import type { Module } from "./module.ts";

const declarations = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportDefaultDeclaration",
  "ExportAllDeclaration",
  "FunctionDeclaration",
  "ClassDeclaration",
  "VariableDeclaration",
  "TSTypeAliasDeclaration",
  "TSInterfaceDeclaration",
  "TSModuleDeclaration",
]);

/** A published module declares and nothing else: no statement of it runs when it is imported. The file that a command starts is the exception. */
export function runsOnImport(modules: readonly Module[]): string[] {
  return modules
    .filter(({ inSource, path }) => inSource && !path.startsWith("test-harness/") && path !== "apps/cli/src/main.ts")
    .flatMap(({ path, statements }) =>
      statements.filter((kind) => !declarations.has(kind)).map((kind) => `${path} has a top-level ${kind}: it runs on import`),
    );
}
