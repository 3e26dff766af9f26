import { aroundKek, type Kek } from "@letterlock/core";
import { scriptedKek } from "./scripted-kek.ts";

export interface HeldKek {
  readonly kek: Kek;
  running(): number;
  /** The most that ran at once. */
  most(): number;
  calls(): number;
  /** Calls wait until here. */
  letGo(): void;
}

export function heldKek(inner: Kek = scriptedKek().kek): HeldKek {
  const { promise: gate, resolve: letGo } = Promise.withResolvers<void>();
  let running = 0;
  let most = 0;
  let calls = 0;
  const kek = aroundKek(inner, async (_operation, _call, run) => {
    calls += 1;
    running += 1;
    most = Math.max(most, running);
    await gate;
    running -= 1;
    return run();
  });
  return { kek, running: () => running, most: () => most, calls: () => calls, letGo };
}
