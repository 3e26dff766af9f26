import { type asStored, type Context, headerOf, type KekIdentity, verify } from "@letterlock/core";
import type { Books } from "./books.ts";
import { type Census, createCounter } from "./census.ts";
import { eachObject, type WalkOptions, walkNames } from "./each-object.ts";
import type { StoredObject } from "./envelope-store.ts";
import { callsOfFinish, callsOfRun, callsOfVerify, type Estimate, estimate, type Rate } from "./estimate.ts";
import { type Found, findObject, objectOf } from "./found-object.ts";
import { checkMigration, checkNames, contextOf, isOld, isRecipientOf, type Migration } from "./migration.ts";
import type { Step } from "./move-object.ts";
import { type Nested, nestedObjects } from "./nested-objects.ts";
import { outcomeOfError } from "./outcome.ts";
import { type Probe, probed, probeTarget } from "./probe.ts";
import { headBytes } from "./stored-form.ts";

export interface PlanOptions extends WalkOptions {
  /** What providers allow and ask. */
  readonly rates?: readonly Rate[] | undefined;
  /** One wrap and unwrap per key of the target, and one unwrap per old key; true by default. Everything else needs no key. */
  readonly probe?: boolean | undefined;
  /** Other things are searched for objects inside up to this size, 1 MiB by default; 0 for no search. */
  readonly nestedBytes?: number | undefined;
}

/** Before anything is changed. Nothing in it is authenticated, but for the probes. */
export interface Plan {
  /** As a run would end if every call went through: "migrated" is what it would change. */
  readonly books: Books;
  readonly census: Census;
  /** Objects with every recipient of the target, and those that can be moved and lack one: beside objects on the target, after a run, they are what something still
   *  seals for the old keys alone, or what failed. */
  readonly onTarget: number;
  readonly notOnTarget: number;
  /** Objects that nobody in `from` or `to` owns: these will not migrate. */
  readonly notOpenable: number;
  /** Recipients of others, who are no part of the migration and stay. */
  readonly othersStay: number;
  /** Objects inside of other things, which will not migrate: how many, and the first hundred. */
  readonly nested: {
    readonly count: number;
    readonly first: readonly (Omit<Nested, "info"> & { readonly id: string; readonly type: string; readonly keyId: string })[];
  };
  /** Of the run. */
  readonly estimate: Estimate;
  /** Of the steps after it; of a `finish` after a run that kept the old recipients. */
  readonly later: { readonly verify: Estimate; readonly finish: Estimate };
  readonly probes: readonly Probe[];
}

/**
 * Looks at everything in the store, and changes nothing. The probes are calls as a run makes them, of a data key that nobody uses and of an object of each old key: what
 * they show is what a run will find, and a dry run, where a provider has one, would show less.
 */
export async function plan(migration: Migration, options: PlanOptions = {}): Promise<Plan> {
  checkMigration(migration);
  checkNames(options, [...walkNames, "rates", "probe", "nestedBytes"], "options");
  const { rates = [], probe = true, nestedBytes = 1024 * 1024, signal = new AbortController().signal } = options;
  const survey = createSurvey(migration);
  const step = async (stored: StoredObject): Promise<Step> => {
    try {
      const found = await findObject(stored);
      if ("info" in found) return await survey.ours(found);
      if (found.class === "foreign" && stored.size <= nestedBytes) survey.inside(stored.id, nestedObjects(await stored.read()));
      return found;
    } catch (error) {
      // It left, or is another one by now.
      return outcomeOfError(stored.id, error);
    }
  };
  const books = await eachObject(migration.store, { step, reads: ({ size }) => Math.min(size, Math.max(headBytes, nestedBytes)) }, options);
  const probes: Probe[] = [];
  if (probe) {
    for (const kek of migration.to) probes.push(...(await probeTarget(kek, signal)));
    for (const sample of survey.samples()) probes.push(await probeOld(sample, signal));
  }
  const [amounts, { to }] = [survey.amounts(), migration];
  const later = { verify: estimate(callsOfVerify(amounts, to), rates), finish: estimate(callsOfFinish(amounts, to), rates) };
  return { books, ...survey.read(), estimate: estimate(callsOfRun(amounts, to), rates), later, probes };
}

interface Sample {
  readonly kek: Migration["from"][number];
  readonly blob: Uint8Array;
  readonly usage: "data" | "kek";
  readonly context: Context | ReturnType<typeof asStored>;
}

async function probeOld({ kek, blob, usage, context }: Sample, signal: AbortSignal): Promise<Probe> {
  return await probed(kek, "unwrap", () => verify(blob, [kek], { signal, usage, context }), signal);
}

function createSurvey(migration: Migration) {
  const { from, to } = migration;
  const counter = createCounter();
  const samples = new Map<KekIdentity, Sample>();
  const moves = new Map<KekIdentity, number>();
  const nested: Plan["nested"]["first"][number][] = [];
  const counts = { onTarget: 0, notOnTarget: 0, notOpenable: 0, othersStay: 0 };
  let [openable, withOld] = [0, 0];
  let nestedCount = 0;
  return {
    amounts: () => ({ moves, openable, withOld }),
    samples: (): Iterable<Sample> => samples.values(),
    async ours(found: Found): Promise<Step> {
      const { info, stored } = found;
      const { id } = stored;
      if (info.type === "record") {
        counter.count(info);
        return { id, class: "already" };
      }
      const { recipients, usage } = info.header;
      const opener = from.find((kek) => recipients.some((recipient) => recipient.provider === kek.provider && kek.owns(recipient)));
      // What may fail comes before what is counted: an object that fails is looked at again.
      if (opener !== undefined && !samples.has(opener))
        samples.set(opener, { kek: opener, blob: await blobOf(found), usage, context: contextOf(migration, id, info) });
      counter.count(info);
      const isOnTarget = to.every((kek) => recipients.some((recipient) => isRecipientOf(recipient, kek)));
      const others = recipients.filter((one) => !isOld(one, migration) && !to.some((kek) => isRecipientOf(one, kek)));
      counts.othersStay += others.length;
      const isOpenable = opener !== undefined || to.some((kek) => recipients.some((recipient) => isRecipientOf(recipient, kek)));
      if (!isOpenable) {
        counts.notOpenable += 1;
        return { id, class: "quarantined", code: "no-matching-kek", reason: "nobody in from or to owns a recipient" };
      }
      counts[isOnTarget ? "onTarget" : "notOnTarget"] += 1;
      openable += 1;
      if (recipients.some((recipient) => isOld(recipient, migration))) withOld += 1;
      if (isOnTarget && !recipients.some((recipient) => isOld(recipient, migration))) return { id, class: "already" };
      const mover = isOnTarget ? to[0] : (opener ?? to[0]);
      if (mover !== undefined) moves.set(mover, (moves.get(mover) ?? 0) + 1);
      return { id, class: "migrated" };
    },
    inside(id: string, found: readonly Nested[]): void {
      nestedCount += found.length;
      for (const { layers, at, info } of found.slice(0, mostNested - nested.length))
        nested.push({ id, layers, at, type: info.type, keyId: info.keyId });
    },
    read: () => ({ ...counts, census: counter.read(), nested: { count: nestedCount, first: nested } }),
  };
}

const mostNested = 100;

async function blobOf(found: Found): Promise<Uint8Array> {
  const object = found.form.form === "bytes" ? found.head : (await objectOf(found)).object;
  return found.info.type === "envelope" ? headerOf(object).blob : object;
}
