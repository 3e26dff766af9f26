import { describe, expect, test } from "vitest";
import { dependencyLists, sideEffects } from "../src/dependency-lists.ts";
import { fileLength } from "../src/file-length.ts";
import { forbiddenNames } from "../src/forbidden-names.ts";
import { forbiddenText } from "../src/forbidden-text.ts";
import { importCycles } from "../src/import-cycles.ts";
import { importDirections } from "../src/import-directions.ts";
import { modulesIn } from "../src/module.ts";
import { runsOnImport } from "../src/runs-on-import.ts";

const file = (path: string, text = "") => ({ path, text });
const module = (path: string, text: string) => modulesIn([file(path, text)]);

describe("the rule of import directions", () => {
  test.each([
    ["packages/core/src/a.ts", `import { x } from "node:fs";`, "core uses"],
    ["packages/core/src/a.ts", `import { x } from "lru-cache";`, "core uses"],
    ["packages/core/src/a.ts", `import { x } from "@letterlock/aws-kms";`, "against the arrows"],
    ["packages/core/src/a.ts", `export { x } from "@letterlock/migrate";`, "against the arrows"],
    ["packages/core/src/a.ts", `const x = () => import("@letterlock/migrate");`, "against the arrows"],
    ["packages/core/src/a.ts", `import type { X } from "../test/x.ts";`, "a test"],
    ["packages/core/src/a.ts", `import { x } from "./b.js";`, "without its extension"],
    ["packages/core/src/a.ts", `import { x } from "../../aws-kms/src/b.ts";`, "another package"],
    ["packages/aws-kms/src/a.ts", `import { x } from "@letterlock/gcp-kms";`, "against the arrows"],
    ["packages/aws-kms/src/a.ts", `import { x } from "@letterlock/core/src/a.ts";`, "past what the package exports"],
    ["packages/emulators/src/a.ts", `import { x } from "@letterlock/core";`, "against the arrows"],
    ["packages/unknown/src/a.ts", `import { x } from "@letterlock/core";`, "against the arrows"],
    ["apps/cli/src/a.ts", `import { x } from "fs/promises";`, "without node:"],
  ])("refuses in %s: %s", (path, text, reason) => {
    expect(importDirections(module(path, text))).toEqual([expect.stringContaining(reason)]);
  });

  test.each([
    ["packages/core/src/a.ts", `import { x } from "node:crypto"; import { y } from "./b.ts";`],
    ["packages/aws-kms/src/a.ts", `import { x } from "@letterlock/core"; import { y } from "@aws-sdk/client-kms";`],
    ["packages/aws-kms/test/a.test.ts", `import { x } from "@letterlock/emulators";`],
    ["apps/cli/src/a.ts", `import { x } from "@letterlock/migrate"; const text = 'import "fs"';`],
    ["test-harness/matrix/src/a.ts", `import { x } from "@letterlock/gcp-kms";`],
  ])("allows in %s: %s", (path, text) => {
    expect(importDirections(module(path, text))).toEqual([]);
  });
});

describe("the rule of cycles", () => {
  const a = file("packages/core/src/a.ts", `import { b } from "./deep/b.ts"; export const a = () => b;`);

  test("refuses a cycle", () => {
    const b = file("packages/core/src/deep/b.ts", `export { a as b } from "../a.ts";`);
    expect(importCycles(modulesIn([a, b]))).toEqual(["packages/core/src/a.ts -> packages/core/src/deep/b.ts -> packages/core/src/a.ts"]);
  });

  test("allows a cycle of types", () => {
    const b = file("packages/core/src/deep/b.ts", `import type { A } from "../a.ts"; export const b: A = 1;`);
    expect(importCycles(modulesIn([a, b]))).toEqual([]);
  });

  test("allows a diamond", () => {
    const b = file("packages/core/src/deep/b.ts", `export { c as b } from "../c.ts";`);
    const c = file("packages/core/src/c.ts", "export const c = 1;");
    const d = file("packages/core/src/d.ts", `import "./a.ts"; import "./c.ts";`);
    expect(importCycles(modulesIn([a, b, c, d]))).toEqual([]);
  });
});

describe("the rule that nothing runs on import", () => {
  test.each(["register();", "if (a) b();", "await x;", "for (const a of b) c();", "throw new Error();"])("refuses %s", (text) => {
    expect(runsOnImport(module("packages/core/src/a.ts", text))).toEqual([expect.stringContaining("runs on import")]);
  });

  test("allows declarations, and the entry of the command", () => {
    expect(runsOnImport(module("packages/core/src/a.ts", "export const a = new TextEncoder(); function f() { f(); }"))).toEqual([]);
    expect(runsOnImport(module("apps/cli/src/main.ts", "await run();"))).toEqual([]);
  });
});

describe("the rule of dependencies", () => {
  const manifest = (more: object) => [file("packages/a/package.json", JSON.stringify({ name: "a", ...more }))];

  test.each([
    [{ dependencies: { b: "1" } }, { a: [] }, "a depends on b"],
    [{ peerDependencies: { b: "1" } }, { a: ["b"] }, "a depends on b (peer)"],
    [{ optionalDependencies: { b: "1" } }, {}, "a depends on b"],
    [{}, { a: ["b"] }, "a no longer depends on b"],
    [{}, { a: [], c: [] }, "c is in the list"],
  ])("refuses %j against %j", (more, agreed, reason) => {
    expect(dependencyLists(manifest(more), agreed)).toContainEqual(expect.stringContaining(reason));
  });

  test("allows what is agreed", () => {
    expect(dependencyLists(manifest({ dependencies: { b: "1" } }), { a: ["b"] })).toEqual([]);
  });

  test("refuses a published package that does not promise to be free of side effects", () => {
    expect(sideEffects(manifest({}))).toHaveLength(1);
    expect(sideEffects(manifest({ sideEffects: false }))).toEqual([]);
  });
});

describe("the rule of file length", () => {
  test.each([
    ["packages/core/src/a.ts", 250],
    ["apps/cli/src/deep/a.ts", 250],
    ["packages/aws-kms/src/aws-kms.ts", 99],
  ])("allows %s %d lines and no more", (path, lines) => {
    expect(fileLength([file(path, "x\n".repeat(lines))])).toEqual([]);
    expect(fileLength([file(path, "x\n".repeat(lines + 1))])).toHaveLength(1);
  });
});

test.each(["packages/core/src/utils.ts", "packages/core/src/Helpers/a.ts", "apps/cli/src/types.test.ts", "docs/common.md"])(
  "the rule of names refuses %s",
  (path) => {
    expect(forbiddenNames([file(path)])).toHaveLength(1);
    expect(forbiddenNames([file("packages/core/src/suite.ts"), file("tsconfig.base.json")])).toEqual([]);
  },
);

describe("the rule of text", () => {
  const spelled = (...parts: string[]) => parts.join("");

  test.each([
    spelled("// TO", "DO: later"),
    spelled("# FIX", "ME"),
    spelled("// @ts-", "ignore"),
    spelled("/ho", "me/someone/letterlock"),
    spelled('"/ro', 'ot/.npmrc"'),
    spelled("https://registry.npm", "js.org/x"),
    spelled("// biome-", "ignore lint/suspicious/noExplicitAny: because"),
  ])("refuses %s", (text) => {
    expect(forbiddenText([file("a.md", text)])).toHaveLength(1);
  });

  test.each(["any of them", "https://example.com/home/page", "./work/list", "a/root/b"])("allows %s", (text) => {
    expect(forbiddenText([file("a.md", text)])).toEqual([]);
  });
});
