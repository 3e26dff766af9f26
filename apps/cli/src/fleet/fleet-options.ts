import { usage } from "../failure.ts";
import type { MigrateOptions } from "../migrate/migrate-options.ts";

/** The options of the commands that work through a queue. */
export interface FleetOptions extends MigrateOptions {
  /** The address of the Redis that has it. */
  readonly queue?: string;
  readonly partitions?: string;
  readonly run?: string;
  readonly verified?: string;
  readonly wait?: boolean;
  readonly grace?: string;
  readonly lock?: string;
}

/** The whole number of an option, from 1 on; undefined where it was not given. */
export function wholeNumber(option: string, text: string | undefined, what: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw usage(`${option} needs a whole number of at least 1: ${what}`);
  return Number(text);
}

/** Seconds of an option, as milliseconds. */
export function seconds(option: string, text: string | undefined, what: string): number | undefined {
  const value = wholeNumber(option, text, `seconds, ${what}`);
  return value === undefined ? undefined : value * 1000;
}

export function queueOf({ queue }: FleetOptions): string {
  if (queue === undefined) throw usage("name the queue: --queue redis://HOST");
  return queue;
}
