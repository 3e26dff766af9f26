import type { Recipient } from "@letterlock/core";
import type { EnvelopeStore } from "./envelope-store.ts";
import { findObject } from "./found-object.ts";
import { checkNames, checkStore } from "./migration.ts";

export interface ReferenceQuery {
  readonly provider?: string | undefined;
  readonly keyRef?: string | undefined;
  /** A version, or several: "is any older version still named?" is a list of them. */
  readonly keyVersion?: string | readonly string[] | undefined;
}

export interface Reference {
  readonly id: string;
  readonly type: "envelope" | "key-blob";
  readonly keyId: string;
  /** Those that the query names, of all that the object has. */
  readonly recipients: readonly Pick<Recipient, "provider" | "keyRef" | "keyVersion">[];
  /** Others could open it too. */
  readonly hasOthers: boolean;
}

/**
 * Which objects name a key, or a version of it. Advisory: nothing in it is authenticated (SPEC 10.2), and a version that nobody names may still be needed. Before a key
 * is destroyed, disable it, verify with the others alone, and then destroy it. Objects that cannot be read are left out: `plan` names them.
 */
export async function* references(
  store: EnvelopeStore,
  query: ReferenceQuery = {},
  options: { readonly signal?: AbortSignal | undefined } = {},
): AsyncGenerator<Reference> {
  checkStore(store);
  checkNames(query, ["provider", "keyRef", "keyVersion"], "query");
  checkNames(options, ["signal"], "options");
  const { provider, keyRef, keyVersion } = query;
  const versions = typeof keyVersion === "string" ? [keyVersion] : keyVersion;
  const isNamed = (recipient: Recipient): boolean =>
    (provider ?? recipient.provider) === recipient.provider &&
    (keyRef ?? recipient.keyRef) === recipient.keyRef &&
    (versions === undefined || (recipient.keyVersion !== undefined && versions.includes(recipient.keyVersion)));
  for (const partition of await store.partitions(1)) {
    for await (const stored of store.scan(partition, { ...options })) {
      const found = await findObject(stored);
      if (!("info" in found) || found.info.type === "record") continue;
      const { type, keyId, header } = found.info;
      const named = header.recipients.filter(isNamed);
      if (named.length === 0) continue;
      const recipients = named.map((one) => ({ provider: one.provider, keyRef: one.keyRef, keyVersion: one.keyVersion }));
      yield { id: stored.id, type, keyId, recipients, hasOthers: named.length < header.recipients.length };
    }
  }
}
