import type { CaseResult, ConformanceCase, KekReport } from "@letterlock/conformance";
import type { Context, Kek, KekOperation } from "@letterlock/core";
import type { KekSource } from "../keks/kek-source.ts";
import type { KekUri } from "../keks/kek-uri.ts";
import { credentialFault } from "./credential-fault.ts";
import { explanation } from "./explanation.ts";
import { type KekUse, operationsFor } from "./kek-use.ts";
import { madeUpCiphertext } from "./made-up-ciphertext.ts";
import { permissionsOf } from "./permission-policy.ts";
import { policyOf } from "./policy-of.ts";
import { type Probe, probe } from "./probe.ts";

/** What was found out about one KEK. */
export interface Diagnosis {
  readonly kek: Kek;
  readonly operations: readonly ExplainedProbe[];
  /** Undefined where it was not examined. */
  readonly behaviour: KekReport | undefined;
  /** Sentences. */
  readonly notChecked: readonly string[];
  /** What the credentials lack, as a document for the provider. */
  readonly missing: { readonly what: string; readonly document: string } | undefined;
}

export interface ExplainedProbe extends Probe {
  /** One line; "" where nothing failed. */
  readonly explanation: string;
}

export interface Questions {
  readonly uses: readonly KekUse[];
  /** Bound to what is wrapped: a policy may demand it. */
  readonly context: Context;
}

/** Asks the provider; nothing is changed there. */
export async function diagnose(uri: KekUri, source: KekSource, { uses, context }: Questions): Promise<Diagnosis> {
  const kek = source.create();
  const probes = await probe(kek, { context, madeUp: madeUpCiphertext(uri), whyNotWrap: source.whyNotWrap });
  const wanted = operationsFor(uses, kek);
  const needed = wanted.flatMap((operation) => probes.find((one) => one.operation === operation) ?? []);
  const { report, notChecked } = await examine(uri, source, probes);
  const { operations, missing } = await explained(uri, source, needed);
  const unasked = wanted
    .filter((operation) => !needed.some((one) => one.operation === operation))
    .map((operation) => `${operation}: there was nothing wrapped that it would work on`);
  const hidden = probes.some(({ status }) => status === "ok") ? await source.notKnown?.() : undefined;
  const open = [...unasked, ...limits(probes), ...(hidden === undefined ? [] : [hidden])];
  return { kek, operations, behaviour: report, notChecked: [...open, ...notChecked], missing };
}

async function explained(uri: KekUri, source: KekSource, needed: readonly Probe[]): Promise<Pick<Diagnosis, "operations" | "missing">> {
  const denied = needed.filter(({ status }) => status === "access-denied");
  const refused = denied.filter(({ untried }) => untried === undefined);
  const fault =
    refused.length === 0 ? undefined : (refused.map(({ error }) => credentialFault(error)).find(Boolean) ?? (await source.whyDenied?.()));
  const policy = policyOf(uri);
  const lacking = (operation: KekOperation): string | undefined =>
    policy === undefined ? undefined : `the credentials lack ${permissionsOf(policy, [operation]).join(" and ")}`;
  const operations = needed.map((one) => ({ ...one, explanation: explanation(one, fault ?? lacking(one.operation), uri.provider) }));
  // Credentials that are not accepted at all lack no permission.
  if (policy === undefined || denied.length === 0 || fault !== undefined) return { operations, missing: undefined };
  // What was not tried takes a look at the key, which asking for its version is too.
  const looks: readonly KekOperation[] = denied.length > refused.length ? ["currentVersion"] : [];
  const lacked = new Set([...denied.map(({ operation }) => operation), ...looks]);
  return { operations, missing: { what: policy.what, document: policy.document([...lacked]) } };
}

interface Examined {
  readonly report: KekReport | undefined;
  readonly notChecked: readonly string[];
}

/** The cases of the conformance suite that leave a key in use as it is. */
async function examine({ provider }: KekUri, source: KekSource, probes: readonly Probe[]): Promise<Examined> {
  const works = (operation: KekOperation): boolean =>
    probes.some((one) => one.operation === operation && one.status === "ok" && !one.permittedOnly);
  if (!works("wrap") || !works("unwrap"))
    return { report: undefined, notChecked: ["behaviour: that takes a KEK that can wrap and unwrap"] };
  // A passphrase is slow to try, on purpose, and nothing but this program answers.
  if (provider === "passphrase") return { report: undefined, notChecked: ["behaviour: it is that of this program, not of a provider"] };
  const { conformanceCases, runKek } = await import("@letterlock/conformance");
  const report = await runKek({ create: (key) => (key === "a" ? source.create() : undefined) }, { select: safeOnKeyInUse });
  const others = conformanceCases.length - report.results.length;
  const denied = report.results.filter(isDenied).length;
  return {
    report: { ...report, results: report.results.filter((result) => !isDenied(result)), failed: report.failed - denied },
    notChecked: [
      ...(denied === 0 ? [] : [`${denied} cases: their contexts are denied, so the policy of the key demands a certain one`]),
      `${report.unproven} cases: they take a second key (\`letterlock conformance KEK-A KEK-B\`) or a service that can be made to fail`,
      `${others} cases: they rotate or disable the key, or call the provider many times`,
    ],
  };
}

/** The KEK works, and yet this was denied: what differs is the context. */
function isDenied({ outcome, code }: CaseResult): boolean {
  return outcome === "failed" && code === "access-denied";
}

function safeOnKeyInUse({ changesKey, calls }: ConformanceCase): boolean {
  return !changesKey && calls === "few";
}

/** What a probe left open. */
function limits(probes: readonly Probe[]): readonly string[] {
  if (!probes.some(({ permittedOnly }) => permittedOnly)) return [];
  return ["unwrap: it is permitted, but there was nothing wrapped that it would work on; made-up bytes were refused as such"];
}
