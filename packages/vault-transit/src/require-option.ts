export function requireOptions(options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  for (const given in options) {
    if (!known.includes(given)) throw new TypeError(`unknown option ${JSON.stringify(given)}; known are ${known.join(", ")}`);
  }
}

/** What setTimeout can wait. */
export function requireMilliseconds(option: string, value: unknown): void {
  if (typeof value !== "number" || !(value > 0 && value <= 0x7fffffff))
    throw new TypeError(`${option} must be 1 to 2147483647 milliseconds`);
}
