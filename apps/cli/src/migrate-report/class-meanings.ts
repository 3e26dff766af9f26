import type { OutcomeClass } from "@letterlock/migrate";
import { notMigrated, toRid, type WordedCount } from "../migrate/class-words.ts";
import type { MigrateStep } from "../migrate/migrate-options.ts";

export interface ClassMeaning {
  readonly meaning: string;
  readonly advice: string;
}

const everywhere: Readonly<Record<OutcomeClass, ClassMeaning>> = {
  migrated: { meaning: "It was wrapped for the target, opened again with the target, compared, and replaced.", advice: "" },
  already: { meaning: "Nothing was to be done.", advice: "" },
  gone: { meaning: "Somebody deleted it meanwhile.", advice: "" },
  foreign: { meaning: "It is no object of Letterlock.", advice: "Accept it where other things lie in the same store: --accept foreign." },
  quarantined: {
    meaning: "It is an object of Letterlock that is damaged, or that none of the given keys opens.",
    advice: "Look at it: the code tells which. It was not changed.",
  },
  conflict: { meaning: "Somebody changed it each time that it was about to be replaced.", advice: "Run again. It was not changed here." },
  failed: { meaning: "The provider or the store was in trouble.", advice: "Run again. The object is as it was." },
};

const inStep: Readonly<Record<MigrateStep, Partial<Record<OutcomeClass, string>>>> = {
  plan: {
    migrated: "A run would wrap it for the target.",
    already: "It has the recipients of the target, or it is a record, which opens with its key blob.",
  },
  run: {},
  verify: { already: "It opens with every key of the target alone; or it is a record, which opens with its key blob." },
  finish: { migrated: "Its old recipients were taken away, after it had opened with the target alone." },
};

/** Parts of a class, by their words. */
const toldApart: Readonly<Record<string, ClassMeaning>> = {
  [toRid]: { meaning: "It has every recipient of the target, and old ones too.", advice: "Finish, which takes the old ones away." },
  [notMigrated]: {
    meaning: "It has no recipient of the target: a run has not reached it, or something still seals for the old key.",
    advice: "Run. Where a run has been, let the application seal for the new keys first.",
  },
};

const blind: ClassMeaning = {
  meaning: "It was wrapped again inside the provider: nothing was compared, and nobody has opened it yet.",
  advice: "Verify.",
};

/** `isBlind`: of books that have unverified objects, as all of a blind run are. */
export function meaningOf({ class: one, word }: Pick<WordedCount, "class" | "word">, step: MigrateStep, isBlind: boolean): ClassMeaning {
  const apart = toldApart[word];
  if (apart !== undefined) return apart;
  if (one === "migrated" && isBlind) return blind;
  return { ...everywhere[one], ...(inStep[step][one] !== undefined && { meaning: inStep[step][one] }) };
}
