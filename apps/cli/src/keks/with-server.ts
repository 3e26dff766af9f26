import { aroundKek, type Kek } from "@letterlock/core";
import type { KekUri } from "./kek-uri.ts";

/** Errors of KEKs, and the HOST[:PORT] that each came from: none of the clients says it. */
const servers = new WeakMap<object, string>();

/** HOST[:PORT] that the URI of a KEK names. */
export function serverOf(uri: KekUri): string | undefined {
  if (uri.provider === "vault-transit") return new URL(uri.endpoint).host;
  return uri.provider === "azure-key-vault" ? new URL(uri.vaultUrl).host : undefined;
}

/** A KEK whose errors are known to come from `server`. */
export function withServer(kek: Kek, server: string | undefined): Kek {
  return server === undefined ? kek : aroundKek(kek, (_operation, _call, run) => fromServer(server, run));
}

/** Whatever `run` rejects with is known to come from `server`. */
export async function fromServer<T>(server: string | undefined, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (server !== undefined && typeof error === "object" && error !== null) servers.set(error, server);
    throw error;
  }
}

export function serverOfError(error: unknown): string | undefined {
  return typeof error === "object" && error !== null ? servers.get(error) : undefined;
}
