import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { usage } from "../failure.ts";
import { alreadyExists } from "../files/draft.ts";
import type { MigrateOptions } from "./migrate-options.ts";

/** Where --report goes, looked at before anything begins: who migrated for hours must not learn then that the report cannot be written. */
export async function askedReport({ report, force = false }: MigrateOptions): Promise<string | undefined> {
  if (report === undefined) return undefined;
  if (!report.endsWith(".html")) throw usage(`--report ${report}: a report is HTML: write a path that ends in .html`);
  const path = resolve(report);
  const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw usage(`--report ${path} cannot be written: ${error.code}`);
  });
  if (there !== undefined && !there.isFile()) throw usage(`--report ${path} is no file`);
  if (there !== undefined && !force) throw alreadyExists(path);
  await access(dirname(path), constants.W_OK).catch((error: unknown) => {
    throw usage(`--report ${path} cannot be written: ${(error as NodeJS.ErrnoException).code}`);
  });
  return path;
}
