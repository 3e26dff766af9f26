import type { Clock } from "./clock.ts";
import type { NewKey, TransitKey } from "./transit-key.ts";
import { createTransitKey, rotateWhenDue } from "./transit-key.ts";

/** One Transit engine: its keys, and whether encryption may make a missing one. */
export interface TransitMount {
  readonly keys: Map<string, TransitKey>;
  upsertDisabled: boolean;
  find(name: string): TransitKey | undefined;
  create(key: NewKey): TransitKey;
}

export function createTransitMount(clock: Clock): TransitMount {
  const keys = new Map<string, TransitKey>();
  return {
    keys,
    upsertDisabled: false,
    find(name) {
      const key = keys.get(name);
      if (key !== undefined) rotateWhenDue(clock, key);
      return key;
    },
    create(wanted) {
      const key = createTransitKey(clock, wanted);
      keys.set(key.name, key);
      return key;
    },
  };
}
