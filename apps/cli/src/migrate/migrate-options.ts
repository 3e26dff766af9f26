import type { CommandOptions } from "../session.ts";

/** The options of every `letterlock migrate` command; each reads the ones that it declares. */
export interface MigrateOptions extends CommandOptions {
  readonly from?: readonly string[];
  /** Words after the first of --from: more KEKs, or stores. */
  readonly fromOrIn?: readonly string[];
  readonly accept?: readonly string[];
  /** Words after the first of --accept: more classes, or stores. */
  readonly acceptOrIn?: readonly string[];
  readonly refresh?: boolean;
  readonly blind?: boolean;
  readonly concurrency?: string;
  readonly memory?: string;
  readonly patience?: string;
  readonly probe?: boolean;
  readonly report?: string;
  readonly kek?: string;
  readonly provider?: string;
  readonly keyRef?: string;
  readonly keyVersion?: readonly string[];
  readonly keyVersionOrIn?: readonly string[];
  /** A path, or false: --no-journal. */
  readonly journal?: string | false;
}

export const migrateSteps = ["plan", "run", "verify", "finish"] as const;

/** A command that walks over everything in a store. */
export type MigrateStep = (typeof migrateSteps)[number];
