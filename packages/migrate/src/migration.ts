import { type AsStored, asStored, type Context, type Kek, type KekUnwrapper, type ObjectInfo, type Recipient } from "@letterlock/core";
import type { EnvelopeStore } from "./envelope-store.ts";

/** What is to be moved, and between which keys. */
export interface Migration {
  readonly store: EnvelopeStore;
  /** Who opens the objects today, in the order in which they are tried. Their recipients are the old ones. */
  readonly from: readonly KekUnwrapper[];
  /** Who shall open them: each object gets a recipient for every one. Both halves, because nothing is written that did not open again. */
  readonly to: readonly Kek[];
  /** The values of detached context keys, for objects that have any. Without it such an object is "context-mismatch". */
  readonly detached?: ((object: { readonly id: string; readonly info: ObjectInfo }) => Context) | undefined;
  /** As in core: KEKs that anybody with a public key can wrap for open nothing. */
  readonly requireAuthenticatedWrap?: boolean | undefined;
}

export const migrationNames: readonly string[] = ["store", "from", "to", "detached", "requireAuthenticatedWrap"];

/** Misuse is a TypeError before anything is read. */
export function checkMigration(migration: Migration): void {
  checkNames(migration, migrationNames, "migration");
  const { store, from, to, detached } = migration;
  checkStore(store);
  if (!Array.isArray(from)) throw new TypeError("from must be a list of KEKs");
  if (!Array.isArray(to) || to.length === 0) throw new TypeError("to must be a list of at least one KEK");
  for (const kek of from) if (typeof kek?.unwrap !== "function") throw new TypeError("every KEK in from must unwrap");
  for (const kek of to) {
    if (typeof kek?.wrap !== "function" || typeof kek.unwrap !== "function")
      throw new TypeError("every KEK in to must wrap and unwrap: nothing is written that did not open again");
  }
  if (new Set(to.map(({ provider, keyRef }) => `${provider} ${keyRef}`)).size !== to.length) throw new TypeError("to names a key twice");
  if (detached !== undefined && typeof detached !== "function") throw new TypeError("detached must be a function");
}

export function checkStore(store: EnvelopeStore): void {
  for (const name of ["partitions", "scan", "replace"] as const)
    if (typeof store?.[name] !== "function") throw new TypeError(`store must have ${name}(): it is no EnvelopeStore`);
}

export function checkNames(options: object, known: readonly string[], what: string): void {
  if (typeof options !== "object" || options === null) throw new TypeError(`${what} must be an object`);
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${what} has no ${unknown}; it has ${known.join(", ")}`);
}

export function contextOf({ detached }: Migration, id: string, info: ObjectInfo): AsStored {
  const needed = info.type !== "record" && info.header.detached.length > 0;
  return asStored(needed ? detached?.({ id, info }) : undefined);
}

/** The recipient of this very key: rewrap puts another in its place. */
export function isRecipientOf({ provider, keyRef }: Recipient, kek: { readonly provider: string; readonly keyRef: string }): boolean {
  return kek.provider === provider && kek.keyRef === keyRef;
}

/** Somebody in `from` owns it, and nobody in `to` is it. */
export function isOld(recipient: Recipient, { from, to }: Pick<Migration, "from" | "to">): boolean {
  if (to.some((kek) => isRecipientOf(recipient, kek))) return false;
  return from.some((kek) => kek.provider === recipient.provider && kek.owns(recipient));
}
