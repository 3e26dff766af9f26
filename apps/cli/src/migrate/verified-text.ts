import type { Verified } from "@letterlock/migrate";
import { field } from "./books-text.ts";
import { counted, countedOf } from "./counted.ts";
import { badClasses } from "./verdict.ts";
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
      `${clean ? "every" : "not every"} object opens with the target alone${clean ? butAccepted(verified) : ""}`,
    ),
  ];
}

/** Classes are as clean as they are called because somebody accepted them beforehand. */
function butAccepted({ classes }: Verified): string {
  const accepted = badClasses.filter((one) => classes[one] > 0);
  if (accepted.length === 0) return "";
  return `, other than what was accepted: ${accepted.map((one) => `${counted(classes[one])} ${one}`).join(", ")}`;
}
