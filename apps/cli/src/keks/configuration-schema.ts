import * as v from "valibot";
import { usage } from "../failure.ts";
import { storeEntrySchema } from "../stores/store-entry-schema.ts";
import type { Configuration } from "./configuration.ts";
import { recordOf } from "./record-of.ts";

// letterlock.config.schema.json says the same for editors; a test holds the two together.
const kekName = v.pipe(v.string(), v.regex(/^[^:\s-][^:\s]*$/, "a name has no colon, no space and does not start with a dash"));
const kekList = v.array(v.pipe(v.string(), v.nonEmpty()));

const positive = v.pipe(v.number("write a number above 0"), v.finite("write a number above 0"), v.gtValue(0, "write a number above 0"));
const rate = v.strictObject({
  perSecond: positive,
  burst: v.optional(v.pipe(positive, v.minValue(1, "write a number of at least 1"))),
  per10000: v.optional(v.pipe(v.number("write a number"), v.minValue(0, "write a number of at least 0"))),
  quota: v.optional(v.pipe(v.string(), v.nonEmpty())),
});

const schema = v.strictObject({
  $schema: v.optional(v.string()),
  keks: v.optional(recordOf(kekName, v.pipe(v.string(), v.regex(/^[a-z][a-z0-9-]*:/, "a KEK is a URI, such as local:dev.key"))), {}),
  seal: v.optional(kekList, []),
  open: v.optional(kekList, []),
  context: v.optional(recordOf(v.string(), v.string("write a text")), {}),
  stores: v.optional(recordOf(kekName, storeEntrySchema), {}),
  from: v.optional(kekList, []),
  to: v.optional(kekList, []),
  rates: v.optional(recordOf(v.string(), rate), {}),
});

export function parseConfiguration(value: unknown, path: string): Omit<Configuration, "path" | "named" | "folder"> {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    // A name that is written wrong is missing too: what is there says more.
    const issue = parsed.issues.find(({ expected }) => expected === "never") ?? parsed.issues[0];
    throw usage(`${path}: ${v.getDotPath(issue) ?? "the whole"}: ${issue.message}`);
  }
  const { $schema: _schema, ...configuration } = parsed.output;
  return configuration;
}
