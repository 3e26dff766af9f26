import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./documents.ts";
import type { Block, Markdown } from "./markdown.ts";

/**
 * What tsc says about the `ts` blocks of the documents, with the place in the document. Each block is a module of its own, unless it is marked
 * "continued": then the block before it comes first. `folder` lies inside this package, so that the blocks import what it depends on.
 */
export function typeErrors(documents: readonly Markdown[], folder: string): string[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const modules = documents.flatMap(modulesOf);
  if (modules.length === 0) return [];
  for (const [index, { text }] of modules.entries()) writeFileSync(join(folder, `${index}.ts`), text);
  const compilerOptions = { noUnusedLocals: false, noUnusedParameters: false };
  writeFileSync(
    join(folder, "tsconfig.json"),
    JSON.stringify({ extends: join(root, "tsconfig.base.json"), compilerOptions, include: ["*.ts"] }),
  );
  const { stdout, error } = spawnSync(join(root, "node_modules", ".bin", "tsc"), ["-p", folder, "--pretty", "false"], {
    encoding: "utf8",
    cwd: folder,
  });
  if (error !== undefined) throw error;
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) =>
      line.replace(/^(\d+)\.ts\((\d+),\d+\)/, (_, index: string, at: string) => modules[Number(index)]?.place(Number(at)) ?? line),
    );
}

interface Extracted {
  readonly text: string;
  /** Where a line of the text stands in the document. */
  place(line: number): string;
}

function modulesOf({ path, blocks }: Markdown): Extracted[] {
  const chains: Block[][] = [];
  for (const block of blocks.filter(({ language }) => language === "ts")) {
    const previous = chains.at(-1);
    chains.push(block.marks.includes("continued") && previous !== undefined ? [...previous, block] : [block]);
  }
  return chains.map((chain) => {
    const lines = chain.flatMap(({ line, text }) => text.split("\n").map((code, index) => ({ code, at: line + index + 1 })));
    return {
      text: [...lines.map(({ code }) => code), "export {};", ""].join("\n"),
      place: (line) => `${path}:${lines[line - 1]?.at ?? "end of block"}`,
    };
  });
}

/** Languages that would escape the compiler: code for Node is shown as ts. */
export function uncheckedLanguages(documents: readonly Markdown[]): string[] {
  return documents.flatMap(({ path, blocks }) =>
    blocks
      .filter(({ language }) => ["js", "javascript", "typescript", "mjs", "mts", "tsx", "jsx"].includes(language.toLowerCase()))
      .map(({ line, language }) => `${path}:${line} shows code as ${language}, which nothing checks: use ts`),
  );
}
