import { setTimeout as wait } from "node:timers/promises";
import { aroundKek, type Kek, localKek, rewrap } from "@letterlock/core";
import { realDisk } from "../../src/disk.ts";
import { type FileSeams, fileStoreWith } from "../../src/file-store.ts";
import type { EnvelopeStore } from "../../src/index.ts";
import { ndjsonStoreWith } from "../../src/json-store.ts";
import { postgresStoreWith } from "../../src/postgres-store.ts";
import { verifiedRewrap } from "../../src/verified-rewrap.ts";
import { lyingKek } from "../support/keys.ts";
import { connectAll } from "../support/postgres-connections.ts";

export const kinds = ["files", "ndjson", "postgres"] as const;
export type Kind = (typeof kinds)[number];

/** What is taken away from the migration, to see that the campaign misses it. */
export type Mutation = "none" | "no comparison" | "no verification";

export interface Setup {
  readonly kind: Kind;
  /** A folder, a file of lines, or the address of a server. */
  readonly place: string;
  readonly oldSecret: string;
  readonly newSecret: string;
  readonly mutation: Mutation;
}

export interface OpenStore extends AsyncDisposable {
  readonly store: EnvelopeStore;
}

export async function openStore({ kind, place, mutation }: Setup): Promise<OpenStore> {
  const seams: FileSeams = { disk: realDisk(), compares: mutation !== "no comparison" };
  const nothing = async (): Promise<void> => undefined;
  if (kind === "files") return { store: fileStoreWith(seams, { folder: place }), [Symbol.asyncDispose]: nothing };
  if (kind === "ndjson")
    return { store: ndjsonStoreWith(seams, { file: place, fields: ["ssn"], key: "id" }), [Symbol.asyncDispose]: nothing };
  const connections = await connectAll(place, 4);
  const store = postgresStoreWith(seams, { client: connections, table: "users", column: "ssn" });
  return { store, [Symbol.asyncDispose]: connections.end };
}

/** With the latency of a provider, so that there is time to die in. One of twenty wraps of the target is wrong, as from a provider in trouble. */
export function keysOf({ oldSecret, newSecret }: Setup): { readonly old: Kek; readonly target: Kek } {
  return { old: slow(key("old", oldSecret)), target: slow(lyingKek(key("new", newSecret), () => Math.random() < 0.05)) };
}

export function verificationOf({ mutation }: Setup): typeof verifiedRewrap {
  return mutation === "no verification" ? (blob, keks, _target, options) => rewrap(blob, keks, options) : verifiedRewrap;
}

export function key(name: string, secret: string): Kek {
  return localKek({ name, secret: new Uint8Array(Buffer.from(secret, "hex")) });
}

function slow(kek: Kek): Kek {
  return aroundKek(kek, async (_operation, { signal }, run) => {
    await wait(4 + 8 * Math.random(), undefined, { signal });
    return await run();
  });
}
