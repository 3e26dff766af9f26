import { LetterlockError } from "@letterlock/core";
import { type Diagnosis, diagnose } from "../doctor/diagnosis.ts";
import { type KekUse, kekUses } from "../doctor/kek-use.ts";
import type { ExitStatus } from "../exit-status.ts";
import { failure } from "../failure.ts";
import { chooseUris, withSources } from "../keks/chosen-keks.ts";
import { loadConfiguration } from "../keks/configuration.ts";
import { withPackages } from "../keks/optional-packages.ts";
import type { CommandOptions } from "../session.ts";
import { printable } from "../terminal/printable.ts";
import { createReport } from "../terminal/report.ts";

export interface DoctorOptions extends CommandOptions {
  readonly for?: readonly KekUse[];
}

export async function doctor(word: string, options: DoctorOptions): Promise<ExitStatus> {
  const configuration = await loadConfiguration(options.config);
  const openers = [...(options.with ?? []), ...(options.withOrIn ?? [])];
  const uris = chooseUris({ with: [word, ...openers] }, configuration, { opens: true, seals: false });
  const [uri] = uris.from;
  if (uri === undefined) return 2;
  const report = createReport(options);
  const diagnosis = await withSources(uris, options.passphraseSources ?? [], async ({ from: [source] }) => {
    if (source === undefined) throw new Error("a KEK was not made");
    return withPackages(["@letterlock/conformance"], "doctor needs a package that is", () => diagnose(uri, source, options.for ?? kekUses));
  });
  report.result(forPeople(diagnosis), forMachines(diagnosis), "always");
  refuseUnlessHealthy(diagnosis);
  return 0;
}

function forPeople({ kek, operations, behaviour, notChecked, missing }: Diagnosis): string {
  const lines = [`${kek.provider} ${printable(kek.keyRef)}`];
  for (const { operation, status, explanation } of operations) {
    lines.push(`  ${status.padEnd(14)} ${explanation === "" ? operation : `${operation.padEnd(14)} ${explanation}`}`);
  }
  if (behaviour !== undefined) {
    const { passed, failed, results } = behaviour;
    lines.push(`  behaviour: ${passed} cases passed, ${failed} failed`);
    for (const { id, title, outcome, explanation } of results) {
      if (outcome === "failed") lines.push(`  failed         ${id}: it ${title} (${explanation})`);
    }
  }
  lines.push(...notChecked.map((sentence) => `  not checked    ${sentence}`));
  if (missing !== undefined) lines.push(`What is missing, as ${missing.what}:`, missing.document);
  return lines.join("\n");
}

function forMachines({ kek: { provider, keyRef }, operations, behaviour, notChecked, missing }: Diagnosis): object {
  return {
    kek: { provider, keyRef },
    operations: operations.map(({ operation, status, permittedOnly, explanation }) => ({
      operation,
      status,
      ...(permittedOnly ? { permittedOnly } : {}),
      ...(explanation === "" ? {} : { explanation }),
    })),
    behaviour:
      behaviour === undefined
        ? null
        : {
            passed: behaviour.passed,
            failed: behaviour.failed,
            unproven: behaviour.unproven,
            cases: behaviour.results.map(({ id, outcome, reason, explanation }) => ({ id, outcome, reason, explanation })),
          },
    notChecked,
    missing: missing ?? null,
  };
}

function refuseUnlessHealthy({ kek: { provider, keyRef }, operations, behaviour }: Diagnosis): void {
  const failed = operations.find(({ status }) => status !== "ok");
  if (failed !== undefined && failed.status !== "ok") {
    const { operation, status, explanation } = failed;
    throw new LetterlockError(status, `${provider} ${keyRef} cannot ${operation}: ${explanation}`, { cause: failed.error });
  }
  const bad = behaviour?.results.find(({ outcome }) => outcome === "failed");
  if (bad === undefined) return;
  if (bad.code === "throttled" || bad.code === "unavailable")
    throw new LetterlockError(bad.code, `${provider} ${keyRef} failed in ${bad.id}`);
  throw failure("not-conforming", `${provider} ${keyRef} does not keep to the contract of a KEK: ${behaviour?.failed} cases failed`);
}
