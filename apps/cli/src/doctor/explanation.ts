import type { KekErrorCode } from "@letterlock/core";
import { unreachedByTls } from "../keks/tls-fault.ts";
import { printable } from "../terminal/printable.ts";
import type { Probe } from "./probe.ts";

const meanings: Readonly<Record<KekErrorCode, string>> = {
  "access-denied": "the credentials may not do this",
  "kek-not-found": "there is no such key, or the credentials may not know of it: check its name, its region and its account",
  "kek-unusable": "the key is disabled, waits for its deletion or is of another type",
  "not-authentic": "it does not unwrap what it wrapped a moment before",
  throttled: "the provider asks to slow down: try again later",
  unavailable: "nothing answered: check the address, the network and the proxy",
  "provider-error": "the provider failed in a way that letterlock does not know",
};

/** One line about an operation that failed. `denied`: what the provider itself tells about it, or the permissions that it takes. */
export function explanation({ status, error, untried }: Probe, denied: string | undefined, provider: string): string {
  if (status === "ok") return "";
  if (untried !== undefined) return untried;
  const tls = unreachedByTls(status, provider, error);
  if (tls !== undefined) return `${tls} (${causeMark(error)})`;
  const meaning = status === "access-denied" && denied !== undefined ? denied : meanings[status];
  const said = quotable.has(status) ? messageOf(error) : causeMark(error);
  return said === undefined ? meaning : `${meaning} (${said})`;
}

/** Errors that a service has words for. Others may quote an answer that could not be read, and with it a data key. */
const quotable: ReadonlySet<string> = new Set<KekErrorCode>(["access-denied", "kek-not-found", "kek-unusable"]);
const quotedCharacters = 300;

function messageOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // What is as long as a key or a token is not shown.
  const line = error.message.split("\n", 1)[0]?.replaceAll(/[A-Za-z0-9_~+=/.-]{24,}/g, "...") ?? "";
  return line === "" ? undefined : `the provider says: ${printable(line.slice(0, quotedCharacters))}`;
}

/** ECONNREFUSED and its like, wherever the SDK hides it; else the name of the error. */
export function causeMark(error: unknown, level = 0): string | undefined {
  if (!(error instanceof Error) || level > 4) return undefined;
  const { code, cause, message } = error as Error & { readonly code?: unknown };
  if (typeof code === "string" && /^[A-Z0-9_]+$/.test(code)) return code;
  const named = /\b(E[A-Z]{4,}|EAI_AGAIN|(UNABLE_TO|CERT|SELF_SIGNED|DEPTH_ZERO)_[A-Z_]+)\b/.exec(message)?.[0];
  return named ?? causeMark(cause, level + 1) ?? (level === 0 && error.name !== "Error" ? error.name : undefined);
}
