import { maxRecipients } from "./header.ts";
import type { KekIdentity, KekUnwrapper, KekWrapper } from "./kek.ts";
import { isKeyRef, isProviderName } from "./recipient.ts";

// The KEKs that the caller passes, checked before any of them is called. Copies: the caller's array may change while we wait.

/** 1 to 16 with distinct (provider, keyRef); anything else is misuse (SPEC section 7, step 1). */
export function readWrappers(keks: readonly KekWrapper[], what = "keks"): readonly KekWrapper[] {
  const list = readList(keks, what);
  if (list.length === 0) throw new RangeError(`${what} is empty: nobody could open it`);
  if (list.length > maxRecipients) throw new RangeError(`${what} has ${list.length} KEKs; the maximum is ${maxRecipients}`);
  const seen = new Set<string>();
  for (const kek of list) {
    requireIdentity(kek, what);
    if (typeof kek.wrap !== "function") throw new TypeError(`${name(kek)} in ${what} cannot wrap`);
    const named = name(kek);
    if (seen.has(named)) throw new RangeError(`${what} names ${named} twice`);
    seen.add(named);
  }
  return list;
}

/** In the caller's order; may be empty, which opens nothing. */
export function readUnwrappers<K extends KekUnwrapper>(keks: readonly K[], what = "keks"): readonly K[] {
  const list = readList(keks, what);
  for (const kek of list) {
    requireIdentity(kek, what);
    if (typeof kek.unwrap !== "function" || typeof kek.owns !== "function") throw new TypeError(`${name(kek)} in ${what} cannot unwrap`);
  }
  return list;
}

/** Distinct where (provider, keyRef) is: neither has a space. */
export function name(kek: KekIdentity): string {
  return `${kek.provider} ${kek.keyRef}`;
}

function readList<K>(keks: readonly K[], what: string): readonly K[] {
  if (!Array.isArray(keks)) throw new TypeError(`${what} must be an array of KEKs`);
  return [...keks];
}

function requireIdentity(kek: KekIdentity, what: string): void {
  if (typeof kek !== "object" || kek === null) throw new TypeError(`${what} must hold KEKs only`);
  if (!isProviderName(kek.provider)) throw new TypeError(`a KEK in ${what} has a provider that is not [a-z][a-z0-9-]* of at most 32 bytes`);
  if (!isKeyRef(kek.keyRef))
    throw new TypeError(`a ${kek.provider} KEK in ${what} has a keyRef that is not 1 to 255 bytes of 0x21 to 0x7E`);
  if (typeof kek.errorCode !== "function") throw new TypeError(`${name(kek)} in ${what} has no errorCode`);
  if (typeof kek.authenticatesWrap !== "boolean") throw new TypeError(`${name(kek)} in ${what} does not say authenticatesWrap`);
}
