import * as v from "valibot";
import { usage } from "../failure.ts";
import { storeEntrySchema } from "../stores/store-entry-schema.ts";
import type { Configuration } from "./configuration.ts";
import { withoutCredentials } from "./kek-uri.ts";
import { recordOf } from "./record-of.ts";

// letterlock.config.schema.json says the same for editors; a test holds the two together. Messages say what to write and never what was written: a password may
// stand anywhere.
const text = v.string("write a text");
const kekName = v.pipe(text, v.regex(/^[^:\s-][^:\s]*$/, "a name has no colon, no space and does not start with a dash"));
const kekUri = "a KEK is a URI, such as local:dev.key";
const kekWord = "write the name of a KEK or its URI";
const kekList = v.array(v.pipe(v.string(kekWord), v.nonEmpty(kekWord)), 'write a list, as in ["new"]');

const positive = v.pipe(v.number("write a number above 0"), v.finite("write a number above 0"), v.gtValue(0, "write a number above 0"));
const rate = options({
  perSecond: positive,
  burst: v.optional(v.pipe(positive, v.minValue(1, "write a number of at least 1"))),
  per10000: v.optional(v.pipe(v.number("write a number"), v.minValue(0, "write a number of at least 0"))),
  quota: v.optional(v.pipe(text, v.nonEmpty("write a text that is not empty"))),
});

const schema = options({
  $schema: v.optional(text),
  keks: v.optional(recordOf(kekName, v.pipe(v.string(kekUri), v.regex(/^[a-z][a-z0-9-]*:/, kekUri))), {}),
  seal: v.optional(kekList, []),
  open: v.optional(kekList, []),
  context: v.optional(recordOf(v.string(), text), {}),
  stores: v.optional(recordOf(kekName, storeEntrySchema), {}),
  from: v.optional(kekList, []),
  to: v.optional(kekList, []),
  rates: v.optional(recordOf(v.string(), rate), {}),
});

function options<const Entries extends v.ObjectEntries>(entries: Entries) {
  const names = Object.keys(entries).filter((name) => name !== "$schema");
  const object = v.strictObject(entries, ({ expected, path }) => {
    if (path === undefined) return "write an object";
    return expected === "never" ? `there is no such option; it takes ${names.join(", ")}` : "it is missing";
  });
  // That of the library takes a list for an object.
  return v.pipe(
    v.custom<v.InferInput<typeof object>>((given) => !Array.isArray(given), "write an object"),
    object,
  );
}

export function parseConfiguration(value: unknown, path: string): Omit<Configuration, "path" | "named" | "folder"> {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    // A name that is written wrong is missing too: what is there says more.
    const issue = parsed.issues.find(({ expected }) => expected === "never") ?? parsed.issues[0];
    const place = (issue.path ?? []).map(({ key }) => withoutCredentials(String(key))).join(".");
    throw usage(`${path}: ${place === "" ? "the whole" : place}: ${issue.message}`);
  }
  const { $schema: _schema, ...configuration } = parsed.output;
  return configuration;
}
