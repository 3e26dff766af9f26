import type { CaseResult, KekReport } from "@letterlock/conformance";
import type { Kek, KekOperation } from "@letterlock/core";
import type { KekSource } from "../keks/kek-source.ts";
import type { KekUri } from "../keks/kek-uri.ts";
import { explanation } from "./explanation.ts";
import { type KekUse, operationsFor } from "./kek-use.ts";
import { madeUpCiphertext } from "./made-up-ciphertext.ts";
import { permissionsOf } from "./permission-policy.ts";
import { policyOf } from "./policy-of.ts";
import { type Probe, probe } from "./probe.ts";

/** What was found out about one KEK. */
export interface Diagnosis {
  readonly kek: Kek;
  readonly operations: readonly (Probe & { readonly explanation: string })[];
  /** Undefined where it could not be examined, because the KEK cannot wrap and unwrap. */
  readonly behaviour: KekReport | undefined;
  /** Sentences. */
  readonly notChecked: readonly string[];
  readonly missing: { readonly what: string; readonly document: string } | undefined;
}

/** Asks the provider; nothing is changed there. */
export async function diagnose(uri: KekUri, source: KekSource, uses: readonly KekUse[]): Promise<Diagnosis> {
  const { runKek } = await import("@letterlock/conformance");
  const kek = source.create();
  const probes = await probe(kek, madeUpCiphertext(uri));
  const wanted = operationsFor(uses, kek);
  const needed = wanted.flatMap((operation) => probes.find((one) => one.operation === operation) ?? []);
  const works = (operation: KekOperation): boolean =>
    probes.some((one) => one.operation === operation && one.status === "ok" && !one.permittedOnly);
  const behaviour =
    works("wrap") && works("unwrap")
      ? await runKek(
          { create: (key) => (key === "a" ? source.create() : undefined) },
          { select: (one) => !one.changesKey && one.calls === "few" },
        )
      : undefined;
  const denied = needed.filter(({ status }) => status === "access-denied");
  const why = denied.length === 0 ? undefined : await source.whyDenied?.();
  const policy = policyOf(uri);
  const permissions = (operation: KekOperation): string | undefined =>
    policy === undefined ? undefined : `the credentials lack ${permissionsOf(policy, [operation]).join(" and ")}`;
  const operations = needed.map((one) => ({ ...one, explanation: explanation(one, why ?? permissions(one.operation)) }));
  return {
    kek,
    operations,
    behaviour,
    notChecked: [
      ...unasked(wanted, needed),
      ...notes(uri, probes),
      ...(behaviour === undefined ? [noBehaviour] : unproven(behaviour.results)),
    ],
    // Credentials that are not accepted at all lack no permission.
    missing:
      policy === undefined || denied.length === 0 || why !== undefined
        ? undefined
        : { what: policy.what, document: policy.document(denied.map(({ operation }) => operation)) },
  };
}

const noBehaviour = "how it behaves: that takes a KEK that can wrap and unwrap";

function unasked(wanted: readonly KekOperation[], needed: readonly Probe[]): readonly string[] {
  return wanted
    .filter((operation) => !needed.some((one) => one.operation === operation))
    .map((operation) => `${operation}: nothing could be wrapped that it would work on`);
}

function notes(uri: KekUri, probes: readonly Probe[]): readonly string[] {
  const told: string[] = [];
  if (probes.some(({ permittedOnly }) => permittedOnly)) {
    told.push("unwrap: it is permitted, but nothing could be wrapped that it would work on; made-up bytes were refused as such");
  }
  const readable = probes.some(({ operation, status }) => operation === "currentVersion" && status === "ok");
  if (uri.provider === "vault-transit" && uri.derived && !readable) {
    told.push(
      `that the key is derived: reading ${uri.mount}/keys/${uri.keyName} is not permitted, and a key that is not derived ignores the context without a word`,
    );
  }
  return told;
}

/** Cases by the reason that they have in common. */
function unproven(results: readonly CaseResult[]): readonly string[] {
  const byReason = Map.groupBy(
    results.filter(({ outcome }) => outcome === "unproven"),
    ({ reason }) => reason ?? "",
  );
  return [...byReason].map(([reason, cases]) => `${cases.map(({ id }) => id).join(", ")}: ${reason}`);
}
