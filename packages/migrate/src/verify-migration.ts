import { headerOf, LetterlockError } from "@letterlock/core";
import type { Books } from "./books.ts";
import { eachObject, type WalkOptions, walkNames } from "./each-object.ts";
import type { StoredObject } from "./envelope-store.ts";
import { findObject, objectOf } from "./found-object.ts";
import { checkMigration, checkNames, contextOf, isOld, type Migration } from "./migration.ts";
import { retryAfter, type Step } from "./move-object.ts";
import { outcomeOfError } from "./outcome.ts";
import { headBytes } from "./stored-form.ts";
import { verifyBlob } from "./verified-rewrap.ts";

/** Objects that open are "already". */
export interface Verified extends Books {
  /** Every object opens with every key of the target alone, other than those in classes that were accepted. */
  readonly clean: boolean;
  /** Ours, and without a recipient of the target. After a run: something still seals for the old key alone. */
  readonly notMigrated: number;
  /** Objects that an old key could open too. `finish` takes those recipients away. */
  readonly withOldRecipients: number;
  /** Records, which open with their key blob: nothing is known of them here. Counted among "already". */
  readonly records: number;
}

/**
 * Opens the header of every object with each key of the target, and with nothing else. What is read comes from the store, nothing from what a run remembered. No
 * payload is opened: a migration does not touch it, and its aad is the application's.
 */
export async function verify(migration: Migration, options: WalkOptions = {}): Promise<Verified> {
  checkMigration(migration);
  checkNames(options, walkNames, "options");
  const seen = { notMigrated: 0, withOldRecipients: 0, records: 0 };
  const step = async (stored: StoredObject, signal: AbortSignal): Promise<Step> => {
    const found = await findObject(stored);
    if (!("info" in found)) return found;
    const { id } = stored;
    const { info } = found;
    if (info.type === "record") {
      seen.records += 1;
      return { id, class: "already" };
    }
    try {
      const { blob } = info.type === "envelope" && found.form.form === "bytes" ? headerOf(found.head) : await blobOf(found);
      const { requireAuthenticatedWrap, to } = migration;
      const { usage, recipients } = info.header;
      await verifyBlob(blob, to, { signal, requireAuthenticatedWrap, usage, context: contextOf(migration, id, info) });
      if (recipients.some((recipient) => isOld(recipient, migration))) seen.withOldRecipients += 1;
      return { id, class: "already" };
    } catch (error) {
      signal.throwIfAborted();
      if (LetterlockError.is(error) && error.code === "no-matching-kek") seen.notMigrated += 1;
      return { ...outcomeOfError(id, error), retryAfterMs: retryAfter(error, migration) };
    }
  };
  const books = await eachObject(migration.store, { step, reads: ({ size }) => Math.min(size, headBytes) }, options);
  return { ...books, ...seen, clean: books.ok };
}

/** Of a key blob, or of a text. */
async function blobOf(found: Exclude<Awaited<ReturnType<typeof findObject>>, { class: unknown }>): Promise<{ readonly blob: Uint8Array }> {
  const { object } = await objectOf(found);
  return found.info.type === "envelope" ? headerOf(object) : { blob: object };
}
