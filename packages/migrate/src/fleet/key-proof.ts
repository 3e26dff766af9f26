import { randomBytes } from "node:crypto";
import { LetterlockError, open, seal } from "@letterlock/core";
import type { Migration } from "../migration.ts";
import { type Fleet, keysOf } from "./fleet.ts";
import type { PartitionJob } from "./partition-job.ts";

/**
 * Names of keys are not keys: two Vaults may each have a key "app". The first worker of a run seals random bytes for the target, and every other opens them with each
 * key of its own, or works on nothing. A blind run and those that only read write nothing that others must open, and may have no right to wrap.
 */
export async function requireSameTarget(
  fleet: Fleet,
  { run, began, store, operation, options }: PartitionJob,
  { to }: Migration,
  signal: AbortSignal,
): Promise<void> {
  if (operation !== "run" || options.blind === true) return;
  const { connection } = fleet;
  const key = keysOf(fleet).proofs(run, began);
  let text = await connection.hget(key, store);
  if (text === null) {
    const mine = Buffer.from(await seal(randomBytes(32), to, { signal })).toString("base64");
    // Whoever was first is kept.
    text = (await connection.hsetnx(key, store, mine)) === 1 ? mine : ((await connection.hget(key, store)) ?? mine);
  }
  for (const kek of to) {
    try {
      await open(Buffer.from(text, "base64"), [kek], { signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!LetterlockError.is(error) || error.code === "unavailable" || error.code === "throttled" || error.code === "access-denied")
        throw error;
      throw new TypeError(
        `${kek.provider} ${kek.keyRef} is another key here than for the worker that began ${store}: give both the same configuration`,
      );
    }
  }
}
