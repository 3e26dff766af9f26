import { aroundKek, type Kek, type Recipient } from "@letterlock/core";
import type { Books } from "./books.ts";
import { eachObject, type WalkOptions, walkNames } from "./each-object.ts";
import { checkMigration, checkNames, type Migration } from "./migration.ts";
import { keepOthers, type Move, moveObject, readsToMove } from "./move-object.ts";
import { verifiedRewrap } from "./verified-rewrap.ts";

export interface RunOptions extends WalkOptions {
  /**
   * The recipients that stay beside the target: true for all, so that old and new keys both open during the transition and `finish` ends it; or a function that is
   * asked about each. By default those that nobody in `from` owns stay: they are no part of the migration.
   */
  readonly keep?: boolean | ((recipient: Recipient) => boolean) | undefined;
  /** Wraps again what names an older version of its key in `to` than that key wraps with now. The version is a hint that nobody authenticates (SPEC 10.2). */
  readonly refresh?: boolean | undefined;
  /**
   * Refreshes inside the provider, which every KEK in `to` must be able to: no data key is seen, and so nothing is compared. A provider that answers with the ciphertext
   * of another data key leaves an object that nobody opens, and its old header is gone. What was written is `unverified`; `verify` opens it, and `finish` does so before
   * anything else. It makes new versions of the same key and no move to another one, so `from` and `keep` have no part in it: an object without a recipient of `to` is
   * quarantined as "no-matching-kek".
   */
  readonly blind?: boolean | undefined;
}

/**
 * Reads each object, wraps its data key for `to`, unwraps it again with `to`, compares, parses what it is about to write, and replaces the object if it is still the
 * one that was read. May be ended at any instant and called again; may run twice at the same time.
 */
export async function run(migration: Migration, options: RunOptions = {}): Promise<Books> {
  return await runWith(verifiedRewrap, migration, options);
}

/** @internal The step that verifies is a parameter, so that a campaign can prove that it would be missed. */
export async function runWith(verified: typeof verifiedRewrap, migration: Migration, options: RunOptions): Promise<Books> {
  checkMigration(migration);
  checkNames(options, [...walkNames, "keep", "refresh", "blind"], "options");
  const { keep, refresh = false, blind = false, signal } = options;
  if (keep !== undefined && typeof keep !== "boolean" && typeof keep !== "function")
    throw new TypeError("keep must be a boolean or a function");
  if (blind) requireRewrap(migration.to);
  const move: Move = {
    migration: blind ? { ...migration, to: await withKnownVersions(migration.to, signal) } : migration,
    keep: typeof keep === "function" ? answered(keep) : keep === true ? () => true : keepOthers(migration),
    rescuers: migration.from,
    newest: refresh ? await newestVersions(migration.to, signal) : new Map(),
    blind,
    verified,
  };
  const work = {
    step: (object: Parameters<typeof moveObject>[0], abort: AbortSignal) => moveObject(object, move, abort),
    reads: readsToMove(migration.store),
  };
  return await eachObject(migration.store, work, options);
}

/** A promise would be true for every recipient. */
function answered(keep: (recipient: Recipient) => boolean): Move["keep"] {
  return (recipient) => {
    const answer: unknown = keep(recipient);
    if (typeof answer !== "boolean") throw new TypeError("keep must return true or false");
    return answer;
  };
}

function requireRewrap(to: readonly Kek[]): void {
  const unable = to.find((kek) => typeof kek.rewrap !== "function");
  if (unable !== undefined) throw new TypeError(`blind: ${unable.provider} ${unable.keyRef} cannot rewrap inside its provider`);
}

/** The question for the newest version is one for a run, not one for each object. Where it is refused, everything is wrapped again. */
async function withKnownVersions(to: readonly Kek[], signal = new AbortController().signal): Promise<Kek[]> {
  return await Promise.all(
    to.map(async (kek) => {
      const [told] = await Promise.allSettled([kek.currentVersion?.({ signal })]);
      signal.throwIfAborted();
      const known = told.status === "fulfilled" ? told.value : undefined;
      return aroundKek(kek, async <T>(operation: string, _call: unknown, ask: () => Promise<T>) =>
        operation === "currentVersion" ? (known as T) : await ask(),
      );
    }),
  );
}

async function newestVersions(to: readonly Kek[], signal = new AbortController().signal): Promise<ReadonlyMap<string, string>> {
  const newest = new Map<string, string>();
  for (const kek of to) {
    const version = await kek.currentVersion?.({ signal });
    if (version === undefined) throw new TypeError(`refresh: ${kek.provider} ${kek.keyRef} does not tell its current version`);
    newest.set(`${kek.provider} ${kek.keyRef}`, version);
  }
  return newest;
}
