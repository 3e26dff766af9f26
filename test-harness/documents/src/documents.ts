import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Markdown, parseMarkdown } from "./markdown.ts";

export const root: string = join(import.meta.dirname, "..", "..", "..");

/** Every document that people read. The specification is not among those that show code. */
export function documents(): Markdown[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"], {
    cwd: root,
    encoding: "utf8",
  });
  return listed
    .split("\0")
    .filter((path) => path !== "" && !path.startsWith(".changeset/") && existsSync(join(root, path)))
    .map((path) => parseMarkdown(path, readFileSync(join(root, path), "utf8")));
}
