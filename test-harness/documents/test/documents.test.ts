import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { brokenLinks } from "../src/broken-links.ts";
import { typeErrors, uncheckedLanguages } from "../src/code-blocks.ts";
import { documents, root } from "../src/documents.ts";
import { parseMarkdown } from "../src/markdown.ts";
import { unknownScripts, untestedSessions } from "../src/shell-blocks.ts";

const blocksFolder = (name: string) => join(import.meta.dirname, "..", ".blocks", name);
const markdown = (...lines: string[]) => [parseMarkdown("docs/a.md", lines.join("\n"))];

describe("the documents of this repository", () => {
  const all = documents();
  const transcripts = globSync("apps/*/test/transcripts/*.txt", { cwd: root }).map((path) => readFileSync(join(root, path), "utf8"));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { scripts: Record<string, string> };

  test("show code that compiles", () => {
    expect([...typeErrors(all, blocksFolder("repository")), ...uncheckedLanguages(all)]).toEqual([]);
  }, 60_000);

  test("link to what exists", () => {
    expect(brokenLinks(all, (path) => existsSync(join(root, path)))).toEqual([]);
  });

  test("show sessions that a transcript proves", () => {
    expect(untestedSessions(all, transcripts)).toEqual([]);
  });

  test("name scripts that exist", () => {
    expect(unknownScripts(all, Object.keys(manifest.scripts))).toEqual([]);
  });
});

describe("the check of code", () => {
  test("finds an error and its place", () => {
    const broken = markdown("# A", "", "```ts", `import { seal } from "@letterlock/core";`, "await seal(1);", "```");
    expect(typeErrors(broken, blocksFolder("broken"))).toEqual([expect.stringMatching(/^docs\/a\.md:5: error TS/)]);
  }, 60_000);

  test("lets a continued block see the one before it, and no other block", () => {
    const chained = markdown("```ts", "const a = 1;", "```", "```ts continued", "a.toFixed();", "```", "```ts", "a;", "```");
    expect(typeErrors(chained, blocksFolder("chained"))).toEqual([expect.stringContaining("docs/a.md:8: error TS2304")]);
  }, 60_000);

  test("refuses code that it would not see", () => {
    expect(uncheckedLanguages(markdown("```js", "x", "```"))).toHaveLength(1);
  });
});

describe("the check of links", () => {
  const exists = (path: string) => path === "docs/a.md" || path === "LICENSE";

  test.each([
    ["[x](b.md)", "does not exist"],
    ["[x](#nothing)", "no such heading"],
    ["[x](a.md#nothing)", "no such heading"],
    ["[x](../../b.md)", "outside the repository"],
    ["[x]: b.md", "does not exist"],
  ])("refuses %s", (line, reason) => {
    expect(brokenLinks(markdown("# Some `code`, here", line), exists)).toEqual([expect.stringContaining(reason)]);
  });

  test.each(["[x](../LICENSE)", "[x](#some-code-here)", "[x](a.md#some-code-here)", "[x](https://example.com/x)", "`[x](b.md)`"])(
    "allows %s",
    (line) => {
      expect(brokenLinks(markdown("# Some `code`, here", line), exists)).toEqual([]);
    },
  );
});

describe("the check of sessions", () => {
  const session = markdown("```console", "$ letterlock --version", "1.0.0", "```");

  test("refuses one that no transcript has", () => {
    expect(untestedSessions(session, ["$ letterlock --version\n2.0.0\n"])).toHaveLength(1);
    expect(untestedSessions(session, ["$ true\n$ letterlock --version\n1.0.0\n"])).toEqual([]);
  });

  test("refuses a script that does not exist", () => {
    expect(unknownScripts(markdown("```sh", "npm run nothing", "```"), ["test"])).toHaveLength(1);
  });
});
