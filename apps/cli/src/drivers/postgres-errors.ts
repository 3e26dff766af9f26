import type { Explanation } from "./explanation.ts";
import { explainTls } from "./tls-errors.ts";

export interface PostgresAdvice {
  /** How to say which table. */
  readonly table: string;
  /** What the user needs. */
  readonly rights: string;
}

/** SQLSTATE, appendix A of the manual of PostgreSQL. */
export function explainPostgres(error: unknown, { table, rights }: PostgresAdvice): Explanation {
  const { code, message, syscall } = error as { readonly code?: unknown; readonly message?: unknown; readonly syscall?: unknown };
  const state = String(code);
  if (/^28/.test(state)) return { code: "access-denied", advice: "the user or the password is wrong" };
  if (state === "42501") return { code: "access-denied", advice: rights };
  if (state === "3D000") return { code: "wrong-usage", advice: "there is no such database on this server: name another, or make it" };
  if (state === "42P01" || state === "3F000") return { code: "wrong-usage", advice: `there is no such table: ${table}` };
  if (state === "53300" || /^(08|57P0)/.test(state)) return { code: "unavailable" };
  if (syscall === "open") return { code: "wrong-usage", advice: "a file that sslrootcert, sslcert or sslkey names cannot be read" };
  const tls = explainTls(error, "sslrootcert=PATH");
  if (tls !== undefined) return tls;
  // The driver has no code for these.
  if (/does not support SSL/i.test(String(message)))
    return { code: "wrong-usage", advice: "the server has no TLS, and sslmode wants it: leave sslmode out where the way to it is safe" };
  if (/SASL|password must be a string/i.test(String(message)))
    return { code: "access-denied", advice: "the server wants a password: PGPASSWORD, or one in ~/.pgpass" };
  if (/timeout|terminated|ended by|not queryable/i.test(String(message))) return { code: "unavailable" };
  return { code: "provider-error" };
}
