import * as v from "valibot";

const message = "write an object";

/** A record that leaves nothing out: that of the library takes a list for one, and passes over names that mean something to the language. */
export function recordOf<Value>(
  name: v.GenericSchema<string>,
  value: v.GenericSchema<unknown, Value>,
): v.GenericSchema<unknown, Record<string, Value>> {
  return v.pipe(
    v.custom<Record<string, unknown>>((given) => typeof given === "object" && given !== null && !Array.isArray(given), message),
    v.check((given) => !reserved.some((one) => Object.hasOwn(given, one)), "nothing can be named __proto__, constructor or prototype"),
    v.record(name, value),
  );
}

const reserved: readonly string[] = ["__proto__", "constructor", "prototype"];
