import type { KekReport } from "@letterlock/conformance";
import { LetterlockError } from "@letterlock/core";
import { type Diagnosis, diagnose } from "../doctor/diagnosis.ts";
import { type KekUse, kekUses } from "../doctor/kek-use.ts";
import type { ExitStatus } from "../exit-status.ts";
import { givenContext } from "../expected-context.ts";
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
  const context = givenContext(options, configuration.context);
  const diagnosis = await withSources(uris, options.passphraseSources ?? [], async ({ from: [source] }) => {
    if (source === undefined) throw new Error("a KEK was not made");
    return withPackages(["@letterlock/conformance"], "doctor needs a package that is", () =>
      diagnose(uri, source, { uses: options.for ?? kekUses, context }),
    );
  });
  report.result(forPeople(diagnosis), forMachines(diagnosis), "always");
  refuseUnlessHealthy(diagnosis);
  return 0;
}

function forPeople({ kek, operations, behaviour, notChecked, missing }: Diagnosis): string {
  const lines = [`${kek.provider} ${printable(kek.keyRef)}`];
  // What failed for one reason is one line.
  for (const [first, ...same] of Map.groupBy(operations, ({ status, explanation }) => `${status} ${explanation}`).values()) {
    if (first === undefined) continue;
    const names = [first, ...same].map(({ operation }) => operation).join(", ");
    lines.push(field(first.status, first.explanation === "" ? names : `${names}: ${first.explanation}`));
  }
  if (behaviour !== undefined) lines.push(...behaviourLines(behaviour));
  lines.push(...notChecked.map((sentence) => field("not checked", sentence)));
  if (missing !== undefined) lines.push(`What is missing, as ${missing.what}:`, missing.document);
  return lines.join("\n");
}

function behaviourLines({ passed, failed, results }: KekReport): readonly string[] {
  const bad = results
    .filter(({ outcome }) => outcome === "failed")
    .map(({ id, title, explanation }) => field("failed", `behaviour, ${id}: it ${title} (${printable(explanation ?? "")})`));
  return [field(failed === 0 ? "ok" : "failed", `behaviour: ${passed} cases passed, ${failed} failed`), ...bad];
}

function field(status: string, text: string): string {
  return `  ${status.padEnd(14)} ${text}`;
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
  const failed = operations.filter(({ status }) => status !== "ok");
  const [first] = failed;
  if (first !== undefined && first.status !== "ok") {
    const names = failed.map(({ operation }) => operation).join(", ");
    throw new LetterlockError(first.status, `${provider} ${keyRef} cannot ${names}`, { provider, keyRef, cause: first.error });
  }
  const bad = behaviour?.results.find(({ outcome }) => outcome === "failed");
  if (bad === undefined) return;
  if (bad.code === "throttled" || bad.code === "unavailable")
    throw new LetterlockError(bad.code, `${provider} ${keyRef} failed in ${bad.id}`);
  throw failure("not-conforming", `${provider} ${keyRef} does not keep to the contract of a KEK: ${behaviour?.failed} cases failed`);
}
