import type { Verified } from "@letterlock/migrate";
import { field } from "./books-text.ts";
import { countedOf } from "./counted.ts";
import { walkLines } from "./walk-text.ts";

export function verifiedLines(name: string, verified: Verified, seconds?: number): readonly string[] {
  const { clean, notMigrated, withOldRecipients, records } = verified;
  return [
    ...walkLines("verify", name, verified, seconds),
    ...(records > 0
      ? [field("records", `${countedOf(records, "record")} among them, which open with their key blob: nothing is known of them here`)]
      : []),
    ...(withOldRecipients > 0
      ? [field("old keys", `${countedOf(withOldRecipients, "object")} that an old key opens too, until \`migrate finish\``)]
      : []),
    ...(notMigrated > 0
      ? [
          field(
            "not migrated",
            `${countedOf(notMigrated, "object")} without a recipient of the target: does something still seal for the old key?`,
          ),
        ]
      : []),
    field(
      clean ? "clean" : "not clean",
      clean ? "every object opens with the target alone" : "not every object opens with the target alone",
    ),
  ];
}
