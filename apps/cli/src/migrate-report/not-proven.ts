import type { MigrationReport } from "./migration-report.ts";

/** What nobody may read into a report, whatever its verdict. */
export function notProven({ step, stores }: Pick<MigrationReport, "step" | "stores">): readonly string[] {
  const records = stores.some(({ verified, plan }) => (verified?.records ?? 0) > 0 || (plan?.census.types.record ?? 0) > 0);
  return [
    ...(step === "plan"
      ? [
          "Nothing in a plan is authenticated, but for the probes: keys, versions, context keys and counts are what headers say of themselves.",
        ]
      : []),
    ...(step === "run"
      ? ["A run tells what it did. That everything opens with the new keys alone is verify's to say, which reads the stores again."]
      : []),
    "Versions of keys are hints that nobody authenticates. Before an old key is destroyed: disable it in a way that can be undone, verify, and then destroy it.",
    "Taking a recipient away is no revocation: whoever could open an object before may have kept its data key, or a copy of the object. Where that matters, rekey seals it again.",
    "Older copies keep their old recipients: replicas, backups, earlier versions in a bucket, rows that the database has not cleaned up yet.",
    "No payload was opened. One that was damaged before is damaged still, unless its length showed it.",
    "What was sealed after an object's turn is not in these books. The application has to seal for the new keys first.",
    ...(records ? ["Records were not opened: each opens when its key blob does."] : []),
    ...(step === "finish" ? [] : ["Old keys may still be needed: keep them until finish has ended and verify is clean after it."]),
  ];
}
