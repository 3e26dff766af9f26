import { draft } from "../files/draft.ts";
import { writeBatches } from "../files/write-batches.ts";
import type { MigrationReport } from "./migration-report.ts";
import { reportHtml } from "./report-html.ts";

/** Writes the page, all or nothing, or with `replace` in the place of one that exists. Its owner alone reads it: it names objects and keys. */
export async function writeReport(path: string, report: MigrationReport, { replace }: { readonly replace: boolean }): Promise<void> {
  const made = draft(path, { replace, mode: 0o600 });
  try {
    await writeBatches(page(report), made.fd, path);
    await made.commit();
  } finally {
    made.discard();
  }
}

async function* page(report: MigrationReport): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(reportHtml(report));
}
