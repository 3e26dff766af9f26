import { latest, type VaultKey } from "./key-store.ts";
import { type KeyVersion, publicJwk, seconds } from "./key-version.ts";

/** Days until a deleted key goes by itself; here it never does. */
const recoverableDays = 90;
const secondsPerDay = 86_400;

export function keyBundle(origin: string, name: string, version: KeyVersion): Record<string, unknown> {
  const kid = `${origin}/keys/${name}/${version.id}`;
  const key = { kid, key_ops: version.operations, ...publicJwk(version) };
  return { key, attributes: attributes(version), ...(version.tags !== undefined && { tags: version.tags }) };
}

export function deletedBundle(origin: string, key: VaultKey): Record<string, unknown> {
  const deleted = key.deleted ?? seconds();
  return { ...keyBundle(origin, key.name, latest(key)), ...deletion(origin, key.name, deleted) };
}

/** The entry of a list of versions. */
export function versionItem(origin: string, name: string, version: KeyVersion): Record<string, unknown> {
  return item(`${origin}/keys/${name}/${version.id}`, version);
}

/** The entry of a list of keys: without a version. */
export function keyItem(origin: string, key: VaultKey): Record<string, unknown> {
  const listed = item(`${origin}/keys/${key.name}`, latest(key));
  return key.deleted === undefined ? listed : { ...listed, ...deletion(origin, key.name, key.deleted) };
}

/** `nextLink` leads to what follows, at most 25 entries on. */
export function page(url: URL, origin: string, items: readonly Record<string, unknown>[]): Record<string, unknown> {
  const start = Number(url.searchParams.get("$skiptoken") ?? 0);
  const size = Math.min(Number(url.searchParams.get("maxresults") ?? mostPerPage), mostPerPage);
  const next = new URL(url.pathname + url.search, origin);
  next.searchParams.set("$skiptoken", String(start + size));
  return { value: items.slice(start, start + size), nextLink: start + size < items.length ? next.href : null };
}

const mostPerPage = 25;

function item(kid: string, version: KeyVersion): Record<string, unknown> {
  return { kid, attributes: attributes(version), ...(version.tags !== undefined && { tags: version.tags }) };
}

function deletion(origin: string, name: string, deleted: number): Record<string, unknown> {
  return {
    recoveryId: `${origin}/deletedkeys/${name}`,
    deletedDate: deleted,
    scheduledPurgeDate: deleted + recoverableDays * secondsPerDay,
  };
}

function attributes({ attributes: { enabled, notBefore, expires }, created, updated }: KeyVersion): Record<string, unknown> {
  const dates = { ...(notBefore !== undefined && { nbf: notBefore }), ...(expires !== undefined && { exp: expires }) };
  return { enabled, ...dates, created, updated, recoveryLevel: "Recoverable+Purgeable", recoverableDays };
}
