import type { TextFile } from "./repository.ts";

// Written in halves, so that this file may lie in the repository that it judges.
const forbidden: readonly { readonly pattern: RegExp; readonly reason: string }[] = [
  { pattern: new RegExp(["\\bTO", "DO\\b|\\bFIX", "ME\\b|\\bXX", "X\\b"].join("")), reason: "leaves work for later" },
  { pattern: new RegExp(["@ts-", "(ignore|nocheck)"].join("")), reason: "switches the compiler off" },
  { pattern: new RegExp(["biome-", "ignore(-all)? lint/suspicious/noExplicitAny"].join("")), reason: "lets an any in" },
  { pattern: /(?<![\w.:/-])\/(home|root|work|Users)\/[\w.]/, reason: "names a path of one machine" },
  { pattern: new RegExp(["registry\\.(npm", "js|yarn", "pkg)"].join("")), reason: "names a registry's host" },
];

export function forbiddenText(files: readonly TextFile[]): string[] {
  return files
    .filter(({ path }) => !/(^|\/)vectors\/.*\.json$/.test(path))
    .flatMap(({ path, text }) =>
      text
        .split("\n")
        .flatMap((line, index) =>
          forbidden.filter(({ pattern }) => pattern.test(line)).map(({ reason }) => `${path}:${index + 1} ${reason}: ${line.trim()}`),
        ),
    );
}
