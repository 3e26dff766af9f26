import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import type { ExitStatus } from "../exit-status.ts";
import type { MigrationReport } from "../migrate-report/migration-report.ts";
import type { MigrationSession } from "./migration-session.ts";

/** The status of writing the report of --report, where there is one. */
export async function writtenReport(
  { reportPath, report, options, walk, configuration }: MigrationSession,
  what: Pick<MigrationReport, "step" | "began" | "seconds" | "exitStatus" | "stores" | "notLookedAt" | "total">,
): Promise<ExitStatus> {
  if (reportPath === undefined) return 0;
  const { keep, refresh, blind, probe, accept, concurrency, memory, patience, force = false } = options;
  const given = { keep, refresh, blind, probe, accept, concurrency, memory, patience };
  try {
    const { writeReport } = await import("../migrate-report/write-report.ts");
    const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { readonly version: string };
    const whole = {
      ...what,
      ended: new Date().toISOString(),
      host: hostname(),
      version,
      options: given,
      accepted: walk.accept,
      configuration: configuration.path,
    };
    await writeReport(reportPath, whole, { replace: force });
    return 0;
  } catch (error) {
    return report.failed(error, reportPath);
  }
}
