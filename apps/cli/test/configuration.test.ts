import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../src/keks/configuration-schema.ts";

interface JsonSchema {
  readonly properties: Readonly<
    Record<
      string,
      {
        readonly type: string;
        readonly propertyNames?: { readonly pattern: string };
        readonly additionalProperties?: { readonly pattern?: string };
      }
    >
  >;
}

const schema = JSON.parse(readFileSync(join(import.meta.dirname, "../letterlock.config.schema.json"), "utf8")) as JsonSchema;
const good = {
  $schema: "x",
  keks: { dev: "local:dev.key" },
  seal: ["dev"],
  open: ["dev"],
  context: { a: "b" },
  stores: {},
  from: ["dev"],
  to: ["dev"],
  rates: {},
};

describe("the configuration", () => {
  it("has the members of the JSON Schema, no others", () => {
    expect(Object.keys(schema.properties).sort()).toEqual(Object.keys(good).sort());
    expect(() => parseConfiguration(good, "c")).not.toThrow();
    expect(() => parseConfiguration({ ...good, more: 1 }, "c")).toThrow(/^c: more: /);
  });

  it.each(Object.entries(schema.properties))("refuses another type of %s", (name, { type }) => {
    expect(() => parseConfiguration({ ...good, [name]: type === "string" ? 1 : "text" }, "c")).toThrow(
      new RegExp(`^c: .*${name.replace("$", "\\$")}`),
    );
  });

  it.each(["a b", "-a", "a:b", "", "dev", "constructor", "__proto__"])("and the JSON Schema agree about the KEK name %j", (name) => {
    const pattern = new RegExp(schema.properties.keks?.propertyNames?.pattern ?? "");
    const accepted = ((): boolean => {
      try {
        parseConfiguration({ keks: Object.fromEntries([[name, "local:x"]]) }, "c");
        return true;
      } catch {
        return false;
      }
    })();
    expect(accepted).toBe(pattern.test(name));
  });
});
