import type { Verified } from "@letterlock/migrate";
import { field, idsText } from "./books-text.ts";
import { counted, countedOf } from "./counted.ts";
import { badClasses } from "./verdict.ts";
import { walkLines } from "./walk-text.ts";

/** What becomes of old recipients: they stay until a finish, or until one that is not refused, or go with this one. */
export type OldRecipients = "until finish" | "stay" | "go";

const oldRecipients: Readonly<Record<OldRecipients, string>> = {
  "until finish": ", until `migrate finish`",
  stay: ": the old recipients stay",
  go: ": the old recipients are taken away now",
};

export function verifiedLines(name: string, verified: Verified, old: OldRecipients, seconds?: number): readonly string[] {
  const { clean, notMigrated, withOldRecipients, records } = verified;
  return [
    ...walkLines("verify", name, verified, seconds, { notMigrated }),
    ...(records > 0
      ? [field("records", `${countedOf(records, "record")} among them, which open with their key blob: nothing is known of them here`)]
      : []),
    ...(withOldRecipients > 0
      ? [field("old keys", `${countedOf(withOldRecipients, "object")} that an old key opens too${oldRecipients[old]}`)]
      : []),
    ...(notMigrated > 0 ? [field("not migrated", notMigratedText(verified))] : []),
    field(
      clean ? "clean" : "not clean",
      `${clean ? "every" : "not every"} object opens with the target alone${clean ? butAccepted(verified) : ""}`,
    ),
  ];
}

function notMigratedText({ notMigrated, exceptions }: Verified): string {
  const known = exceptions.filter(({ code }) => code === "no-matching-kek");
  const why = `\`migrate run\` has not reached ${notMigrated === 1 ? "it" : "them"}, or something still seals for the old key`;
  const ids = known.length === 0 ? "" : `: ${idsText(known, notMigrated)}`;
  return `${countedOf(notMigrated, "object")} without a recipient of the target: ${why}${ids}`;
}

/** Classes are as clean as they are called because somebody accepted them beforehand. */
function butAccepted({ classes }: Verified): string {
  const accepted = badClasses.filter((one) => classes[one] > 0);
  if (accepted.length === 0) return "";
  return `, other than what was accepted: ${accepted.map((one) => `${counted(classes[one])} ${one}`).join(", ")}`;
}
