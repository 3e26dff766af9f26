import { once } from "node:events";
import { type Reference, references } from "@letterlock/migrate";
import type { ExitStatus } from "../exit-status.ts";
import { askedStores } from "../migrate/chosen-stores.ts";
import { countedOf } from "../migrate/counted.ts";
import type { MigrateOptions } from "../migrate/migrate-options.ts";
import { withOpenedStores } from "../migrate/opened-stores.ts";
import { askedReferences } from "../migrate/queried-kek.ts";
import { combined } from "../migrate/verdict.ts";
import type { OpenedStore } from "../stores/open-store.ts";
import { printable } from "../terminal/printable.ts";
import { createReport, type Report } from "../terminal/report.ts";

/** Lists the objects that name a key or a version of it, from headers alone. */
export async function migrateReferences(words: readonly string[], given: MigrateOptions): Promise<ExitStatus> {
  const { configuration, options, chosen } = await askedStores(words, given);
  const query = await askedReferences(options, configuration);
  const report = createReport(options);
  return await withOpenedStores(chosen, configuration.folder, async (opened) => {
    const statuses: ExitStatus[] = [];
    for (const store of opened) statuses.push(await listed(store, query, report));
    const exitStatus = combined(statuses);
    report.result("", { step: "references", stores: opened.length, ok: exitStatus === 0, exitStatus }, "machines");
    return exitStatus;
  });
}

async function listed({ name, store }: OpenedStore, query: Parameters<typeof references>[1], report: Report): Promise<ExitStatus> {
  let [count, alone] = [0, 0];
  try {
    for await (const reference of references(store, query)) {
      count += 1;
      if (!reference.hasOthers) alone += 1;
      report.result(forPeople(name, reference), { step: "references", store: name, ...reference }, "always");
      if (process.stdout.writableNeedDrain) await once(process.stdout, "drain");
    }
  } catch (error) {
    report.result("", { step: "references", store: name, description: store.description, ok: false, count, alone }, "machines");
    return report.failed(error, name);
  }
  const only =
    alone === 0
      ? ""
      : `, ${alone === count ? (count === 1 ? "which has" : "all of which have") : `${countedOf(alone, "of them", "of them")} with`} no other key`;
  const fields = { step: "references", store: name, description: store.description, ok: true, count, alone };
  report.result(`${printable(name)}: ${countedOf(count, "object")}${only}, by unverified headers`, fields);
  return 0;
}

function forPeople(name: string, { id, type, recipients, hasOthers }: Reference): string {
  const named = recipients.map(({ provider, keyRef, keyVersion }) => {
    const version = keyVersion === undefined ? "" : `, version ${printable(keyVersion)}`;
    return `${provider} ${printable(keyRef)}${version}`;
  });
  return `${printable(name)} ${printable(id)}: ${type === "envelope" ? "envelope" : "key blob"}, ${named.join("; ")}${hasOthers ? ", and other keys" : ""}`;
}
