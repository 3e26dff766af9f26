import type { CaseResult, KekReport } from "@letterlock/conformance";
import { LetterlockError } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { failure, usage } from "../failure.ts";
import { chooseUris, withSources } from "../keks/chosen-keks.ts";
import { loadConfiguration } from "../keks/configuration.ts";
import type { KekSource } from "../keks/kek-source.ts";
import { withPackages } from "../keks/optional-packages.ts";
import type { CommandOptions } from "../session.ts";
import { printable } from "../terminal/printable.ts";
import { createReport } from "../terminal/report.ts";

/** Runs the suite on two keys of one provider. */
export async function conformance(a: string, b: string, options: CommandOptions): Promise<ExitStatus> {
  const configuration = await loadConfiguration(options.config);
  const openers = [...(options.with ?? []), ...(options.withOrIn ?? [])];
  const uris = chooseUris({ with: [a, b, ...openers] }, configuration, { opens: true, seals: false });
  const report = createReport(options);
  const { passed, failed, unproven } = await withSources(uris, options.passphraseSources ?? [], async ({ from: [first, second] }) => {
    if (first === undefined || second === undefined) throw new Error("a KEK was not made");
    requireTwoKeys(first, second);
    for (const source of [first, second]) await requireSafeWrap(source);
    return withPackages(["@letterlock/conformance"], "conformance needs a package that is", () =>
      runSuite(first, second, (result) => report.result(forPeople(result), forMachines(result), "always")),
    );
  });
  report.result(`${passed} passed, ${failed} failed, ${unproven} unproven`, { passed, failed, unproven }, "always");
  if (failed > 0) throw failure("not-conforming", `${failed} cases failed`);
  return 0;
}

function requireTwoKeys(first: KekSource, second: KekSource): void {
  const [one, other] = [first.create(), second.create()];
  if (one.provider !== other.provider)
    throw usage(`the suite takes two keys of one provider, not of ${one.provider} and ${other.provider}`);
  if (one.keyRef === other.keyRef) throw usage(`the suite takes two keys, and both are ${one.provider} ${printable(one.keyRef)}`);
}

/** Nothing is changed at the provider: no key is made of a name that is mistyped. */
async function requireSafeWrap(source: KekSource): Promise<void> {
  // Where the key cannot be looked at, its cases fail for that reason, and change nothing.
  const why = await source.whyNotWrap?.().catch(() => undefined);
  if (why === undefined) return;
  const { provider, keyRef } = source.create();
  throw new LetterlockError("access-denied", `${provider} ${keyRef} was ${why}`);
}

async function runSuite(a: KekSource, b: KekSource, onResult: (result: CaseResult) => void): Promise<KekReport> {
  const { runKek } = await import("@letterlock/conformance");
  return runKek({ create: (key) => (key === "a" ? a : b).create() }, { onResult });
}

function forPeople({ id, title, outcome, reason, explanation }: CaseResult): string {
  const line = `${outcome.padEnd(8)}  ${id.padEnd(26)} it ${title}`;
  const why = explanation ?? reason;
  return why === undefined ? line : `${line}\n          ${printable(why)}`;
}

function forMachines({ id, title, outcome, reason, explanation, code, durationMs }: CaseResult): object {
  return { id, title, outcome, reason, explanation, code, durationMs: Math.round(durationMs) };
}
