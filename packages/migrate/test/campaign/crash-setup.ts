import { setTimeout as wait } from "node:timers/promises";
import { aroundKek, type Kek, localKek, rewrap } from "@letterlock/core";
import { realDisk } from "../../src/disk.ts";
import { fileStoreWith } from "../../src/file-store.ts";
import type { EnvelopeStore } from "../../src/index.ts";
import { ndjsonStoreWith } from "../../src/json-store.ts";
import { postgresStoreWith } from "../../src/postgres-store.ts";
import type { verifiedRewrap } from "../../src/verified-rewrap.ts";
import { lyingKek } from "../support/keys.ts";
import { connectAll } from "../support/postgres-connections.ts";
import { type Operations, watchedClient, watchedDisk } from "./operations.ts";

export const kinds = ["files", "ndjson", "postgres"] as const;
export type Kind = (typeof kinds)[number];

/** What is taken away from the migration. The campaign misses each but the third: what a run did not verify, `finish` looks at. */
export type Mutation = "none" | "no comparison" | "no verification" | "a run that keeps and does not verify" | "no verification in finish";

export interface Setup {
  readonly kind: Kind;
  /** A folder, a file of lines, or the address of a server. */
  readonly place: string;
  readonly oldSecret: string;
  readonly newSecret: string;
  readonly mutation: Mutation;
  /** Of a call to a provider, on average. */
  readonly latencyMs: number;
  /** The share of wraps by the target that hold another key, as from a provider in trouble. */
  readonly lies: number;
}

/** What a mutation needs to show soon: objects that are long under way, and a provider that errs often. */
export function troubleOf(mutation: Mutation): Pick<Setup, "latencyMs" | "lies"> {
  if (mutation === "none") return { latencyMs: 4, lies: 0.05 };
  return mutation === "no comparison" ? { latencyMs: 40, lies: 0 } : { latencyMs: 4, lies: 0.4 };
}

export interface OpenStore extends AsyncDisposable {
  readonly store: EnvelopeStore;
}

export async function openStore({ kind, place, mutation }: Setup, operations?: Operations): Promise<OpenStore> {
  const disk = operations === undefined ? realDisk() : watchedDisk(operations);
  const seams = { disk, compares: mutation !== "no comparison" };
  const nothing = async (): Promise<void> => undefined;
  if (kind === "files") return { store: fileStoreWith(seams, { folder: place }), [Symbol.asyncDispose]: nothing };
  if (kind === "ndjson")
    return { store: ndjsonStoreWith(seams, { file: place, fields: ["ssn", "more.*"], key: "id" }), [Symbol.asyncDispose]: nothing };
  const connections = await connectAll(place, 4);
  const client = operations === undefined ? connections : watchedClient(connections, operations);
  const store = postgresStoreWith(seams, { client, table: "users", column: "ssn" });
  return { store, [Symbol.asyncDispose]: connections.end };
}

/** With the latency of a provider, so that there is time to die in. */
export function keysOf(
  { oldSecret, newSecret, latencyMs, lies }: Setup,
  random: () => number,
): { readonly old: Kek; readonly target: Kek } {
  const slow = (kek: Kek): Kek =>
    aroundKek(kek, async (_operation, { signal }, run) => {
      await wait(latencyMs * (0.25 + 1.5 * random()), undefined, { signal });
      return await run();
    });
  return { old: slow(key("old", oldSecret)), target: slow(lyingKek(key("new", newSecret), () => random() < lies)) };
}

/** As a provider that rewraps by itself would be asked. */
export const unverified: typeof verifiedRewrap = (blob, keks, _target, options) => rewrap(blob, keks, options);

export function key(name: string, secret: string): Kek {
  return localKek({ name, secret: new Uint8Array(Buffer.from(secret, "hex")) });
}
