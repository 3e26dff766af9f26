import { inspect } from "node:util";

/** Everything that can be reached from an error, hidden fields and getters included, and everything that it prints. */
export function reachable(error: unknown): string {
  const printed = inspect(error, { depth: 25, showHidden: true, getters: true, maxArrayLength: null, maxStringLength: null });
  return [printed, behind(error, new Set())].join("\n");
}

function behind(value: unknown, seen: Set<unknown>): string {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return `${String(value)}\n`;
  if (seen.has(value)) return "";
  seen.add(value);
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `${bytes.toString("base64")}\n${bytes.toString("latin1")}\n`;
  }
  const entries = value instanceof Map ? [...value.entries()].flat() : value instanceof Set ? [...value] : [];
  const fields = Reflect.ownKeys(value).map((key) => {
    try {
      return Reflect.get(value, key) as unknown;
    } catch {
      return undefined;
    }
  });
  return [...entries, ...fields].map((inner) => behind(inner, seen)).join("\n");
}
