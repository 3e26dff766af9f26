/** A function takes exactly the options that it honours. */
export function checkOptions(options: unknown, known: readonly string[]): asserts options is object {
  if (typeof options !== "object" || options === null) throw new TypeError(`options must be an object with ${known.join(", ")}`);
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) throw new TypeError(`unknown option ${name}: the options are ${known.join(", ")}`);
  }
}
