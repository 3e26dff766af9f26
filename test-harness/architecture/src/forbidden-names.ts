import type { TextFile } from "./repository.ts";

/** Names that say nothing about what a file defines. */
const empty = new Set(["util", "utils", "helper", "helpers", "common", "types", "constants", "misc", "shared", "lib"]);

export function forbiddenNames(files: readonly TextFile[]): string[] {
  return files
    .filter(({ path }) => path.split("/").some((part) => empty.has(part.toLowerCase().replace(/\..*$/, ""))))
    .map(({ path }) => `${path} is not named for the one thing that it defines`);
}
