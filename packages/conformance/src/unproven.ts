const mark = Symbol.for("letterlock.unproven");

/** Ends a case that finds out while it runs that it can prove nothing. */
export function unproven(reason: string): never {
  throw Object.assign(new Error(reason), { name: "Unproven", [mark]: true });
}

export function unprovenReason(error: unknown): string | undefined {
  return error instanceof Error && mark in error ? error.message : undefined;
}
