import type { HttpRequest } from "../server/http-server.ts";
import type { Message } from "./damage.ts";
import { methods } from "./protocol.ts";

export interface Route {
  readonly operation: string;
  /** What the path says, under the field's own name. */
  readonly fields: Message;
  /** The request: path, query and body put together. */
  merge(body: unknown): Message;
}

/** Undefined where the API has no such method. */
export function findRoute({ method: verb, url }: HttpRequest): Route | undefined {
  const path = decodeURIComponent(url.pathname);
  for (const [operation, { http, body: bodyField }] of Object.entries(methods)) {
    const found = http[0] === verb ? match(http[1], path) : undefined;
    if (found === undefined) continue;
    const fields = nested(found.field, found.value);
    return { operation, fields, merge: (body) => combine(bodyField, body, [...url.searchParams], fields) };
  }
  return undefined;
}

function match(template: string, path: string): { readonly field: string; readonly value: string } | undefined {
  const [, before = "", field = "", pattern = "", after = ""] = /^([^{]*)\{([^=]+)=([^}]+)\}(.*)$/.exec(template) ?? [];
  if (!path.startsWith(before) || !path.endsWith(after)) return undefined;
  const value = path.slice(before.length, path.length - after.length);
  const allowed = pattern.replace(/\*\*|\*/g, (star) => (star === "**" ? ".+" : "[^/:]+"));
  return new RegExp(`^${allowed}$`).test(value) ? { field, value } : undefined;
}

/** "cryptoKey.name" becomes { cryptoKey: { name } }. */
function nested(field: string, value: unknown): Message {
  const [first = "", ...rest] = field.split(".");
  return { [first]: rest.length === 0 ? value : nested(rest.join("."), value) };
}

function combine(bodyField: string | undefined, body: unknown, query: readonly (readonly [string, string])[], fields: Message): Message {
  const fromQuery = Object.fromEntries(query.filter(([name]) => !name.startsWith("$") && name !== "alt"));
  const fromBody = bodyField === "*" ? (body as Message) : bodyField === undefined ? {} : { [bodyField]: body };
  const merged: Record<string, unknown> = { ...fromQuery, ...fromBody };
  for (const [name, value] of Object.entries(fields)) {
    const inner = merged[name];
    merged[name] = typeof value === "object" && typeof inner === "object" ? { ...inner, ...value } : value;
  }
  return merged;
}
