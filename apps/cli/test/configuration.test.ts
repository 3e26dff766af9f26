import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../src/keks/configuration-schema.ts";
import { refuseUnknownNames } from "../src/keks/configured-names.ts";

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
const secret = "hunter2";
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

  it.each<[object | string | number | null, string]>([
    [{ store: {} }, "store: there is no such option; it takes keks, seal, open, context, stores, from, to, rates"],
    [
      { rates: { "local:a": { persecond: 1 } } },
      "rates.local:a.persecond: there is no such option; it takes perSecond, burst, per10000, quota",
    ],
    [{ rates: { "local:a": {} } }, "rates.local:a.perSecond: it is missing"],
    [{ rates: { "local:a": { perSecond: secret } } }, "rates.local:a.perSecond: write a number above 0"],
    [{ rates: { "local:a": { perSecond: 1, burst: secret } } }, "rates.local:a.burst: write a number above 0"],
    [{ rates: { "local:a": { perSecond: 1, quota: 1 } } }, "rates.local:a.quota: write a text"],
    [{ rates: { "local:a": [] } }, "rates.local:a: write an object"],
    [{ rates: secret }, "rates: write an object"],
    [{ to: secret }, 'to: write a list, as in ["new"]'],
    [{ seal: { a: secret } }, 'seal: write a list, as in ["new"]'],
    [{ from: [1] }, "from.0: write the name of a KEK or its URI"],
    [{ keks: { a: 1 } }, "keks.a: a KEK is a URI, such as local:dev.key"],
    [{ keks: { a: secret } }, "keks.a: a KEK is a URI, such as local:dev.key"],
    [
      { keks: { [`x://a:${secret}@b`]: "local:a" } },
      "keks.a URL with credentials: a name has no colon, no space and does not start with a dash",
    ],
    [{ context: { a: 1 } }, "context.a: write a text"],
    [{ stores: { a: secret } }, "stores.a: a store is an object"],
    [{ $schema: 1 }, "$schema: write a text"],
    [[], "the whole: write an object"],
    [secret, "the whole: write an object"],
    [null, "the whole: write an object"],
  ])("says what to write instead of %j", (value, message) => {
    expect(refusal(value)).toBe(`c: ${message}`);
  });

  it("has no words of the library, whatever stands wherever", () => {
    const wrong = [1, secret, true, null, [], [1], [secret], {}, { a: 1 }, { a: secret }, { a: null }, { a: { b: secret } }];
    const rates = (of: string) => wrong.map((value) => ({ rates: { "local:a": { perSecond: 1, [of]: value } } }));
    const all = [...wrong, ...Object.keys(good).flatMap((name) => wrong.map((value) => ({ ...good, [name]: value })))];
    const said = [...all, ...["perSecond", "burst", "per10000", "quota", "more"].flatMap(rates)].flatMap((value) => refusal(value) ?? []);
    expect(said.length).toBeGreaterThan(100);
    for (const message of said) expect(message).not.toMatch(/Invalid|xpected|received|hunter2/);
  });

  it.each<[object, string]>([
    [
      { rates: { nwe: { perSecond: 1 } } },
      "rates.nwe: this is neither a name nor a KEK URI, such as local:PATH: keks names old, new; did you mean new?",
    ],
    [{ to: ["old", "nwe"] }, "to: nwe is neither a name nor a KEK URI, such as local:PATH: keks names old, new; did you mean new?"],
    [{ from: ["odl"] }, "from: odl is neither a name nor a KEK URI, such as local:PATH: keks names old, new; did you mean old?"],
    [{ seal: ["elsewhere"] }, "seal: elsewhere is neither a name nor a KEK URI, such as local:PATH: keks names old, new"],
    [{ open: ["news"] }, "open: news is neither a name nor a KEK URI, such as local:PATH: keks names old, new; did you mean new?"],
    [
      { stores: { users: { type: "files", folder: "a", to: ["ne"] } } },
      "stores.users.to: ne is neither a name nor a KEK URI, such as local:PATH: keks names old, new; did you mean new?",
    ],
    [{ keks: {}, to: ["constructor"] }, "to: constructor is neither a name nor a KEK URI, such as local:PATH: keks names none"],
  ])("says where a KEK stands that it does not name: %j", (value, message) => {
    const parsed = parseConfiguration({ keks: { old: "local:old.key", new: "local:new.key" }, ...value }, "c");
    expect(() => refuseUnknownNames(parsed, "c")).toThrow(`c: ${message}`);
  });
});

function refusal(value: unknown): string | undefined {
  try {
    parseConfiguration(value, "c");
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
