import type { Books } from "./books.ts";
import { eachObject, type WalkOptions } from "./each-object.ts";
import type { StoredObject } from "./envelope-store.ts";
import { isOld, type Migration } from "./migration.ts";
import { type Move, moveObject, readsToMove } from "./move-object.ts";
import { verifiedRewrap } from "./verified-rewrap.ts";
import { type Verified, verify } from "./verify-migration.ts";

export type Finished =
  /** Nothing was changed: what is not clean is in `verified`. */
  | { readonly finished: false; readonly verified: Verified; readonly removed: undefined }
  | { readonly finished: true; readonly verified: Verified; readonly removed: Books };

/**
 * Takes away the old recipients: those that somebody in `from` owns. First it verifies everything, also what was migrated blindly, and refuses unless that is clean.
 * Then each object is opened once more, with the target alone, before its old recipients go. Nobody in `from` is called.
 */
export async function finish(migration: Migration, options: WalkOptions = {}): Promise<Finished> {
  const verified: Move["verified"] = (blob, keks, target, call) => verifiedRewrap(blob, { ...keks, from: target }, target, call);
  return await finishWith({ verify, verified }, migration, options);
}

/** @internal The steps that verify are parameters, so that a campaign can prove that they would be missed. */
export async function finishWith(
  steps: { readonly verify: typeof verify; readonly verified: Move["verified"] },
  migration: Migration,
  options: WalkOptions = {},
): Promise<Finished> {
  const verified = await steps.verify(migration, options);
  if (!verified.clean) return { finished: false, verified, removed: undefined };
  const move: Move = {
    migration,
    keep: (recipient) => !isOld(recipient, migration),
    rescuers: [],
    newest: new Map(),
    blind: false,
    verified: steps.verified,
  };
  const work = {
    step: (object: StoredObject, signal: AbortSignal) => moveObject(object, move, signal),
    reads: readsToMove(migration.store),
  };
  return { finished: true, verified, removed: await eachObject(migration.store, work, options) };
}
