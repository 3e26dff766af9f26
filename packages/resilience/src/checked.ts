/** Options are misuse before anything is called: an unknown one is a `TypeError`, a number out of range a `RangeError`. */
export function checkNames(options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null) throw new TypeError("options must be an object");
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${unknown} is no option: ${known.join(", ")}`);
}

export function checkCount(name: string, value: number, least: number): void {
  if (!Number.isSafeInteger(value) || value < least) throw new RangeError(`${name} must be an integer of at least ${least}`);
}

/** Milliseconds that a timer can wait: setTimeout takes a 32-bit integer. */
export function checkMs(name: string, value: number): void {
  if (!(value > 0) || value > 0x7fffffff) throw new RangeError(`${name} must be more than 0 and at most 2147483647 milliseconds`);
}

export function checkRate(name: string, value: number): void {
  if (!(value > 0) || !Number.isFinite(value)) throw new RangeError(`${name} must be a positive number`);
}
