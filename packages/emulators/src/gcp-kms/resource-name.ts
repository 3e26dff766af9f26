import { Refusal } from "./status.ts";

/** The parts of a resource name, each with what is before it: "projects/P/locations/L/keyRings/R" is the ring of a key. */
export interface ResourceName {
  readonly location: string;
  readonly ring: string | undefined;
  readonly key: string | undefined;
  /** Decimal, as it stands in the name. */
  readonly version: string | undefined;
}

const id = "[a-zA-Z0-9_-]{1,63}";
const pattern = new RegExp(
  `^(?<ring>(?<location>projects/[^/]+/locations/[^/]+)/keyRings/${id})(?:(?<key>/cryptoKeys/${id})(?:/cryptoKeyVersions/(?<version>[0-9]+))?)?$`,
);

/** Undefined where the text is no name of a location, a ring, a key or a version. */
export function parseName(name: string): ResourceName | undefined {
  if (/^projects\/[^/]+\/locations\/[^/]+$/.test(name)) return { location: name, ring: undefined, key: undefined, version: undefined };
  const { location, ring, key, version } = pattern.exec(name)?.groups ?? {};
  if (location === undefined || ring === undefined) return undefined;
  return { location, ring, key: key === undefined ? undefined : ring + key, version };
}

export function requireRing(name: string): string {
  const parsed = parseName(name);
  if (parsed?.ring === undefined || parsed.key !== undefined) throw malformed(name);
  return parsed.ring;
}

export function requireLocation(name: string): string {
  const parsed = parseName(name);
  if (parsed === undefined || parsed.ring !== undefined) throw malformed(name);
  return parsed.location;
}

/** The name of a CryptoKey, without a version. */
export function requireKey(name: string): string {
  const parsed = requireKeyOrVersion(name);
  if (parsed.version !== undefined) throw malformed(name);
  return parsed.key;
}

export function requireVersion(name: string): { readonly key: string; readonly version: string } {
  const { key, version } = requireKeyOrVersion(name);
  if (version === undefined) throw malformed(name);
  return { key, version };
}

export function requireKeyOrVersion(name: string): { readonly key: string; readonly version: string | undefined } {
  const parsed = parseName(name);
  if (parsed?.key === undefined) throw malformed(name);
  return { key: parsed.key, version: parsed.version };
}

/** keyRingId and cryptoKeyId: [a-zA-Z0-9_-]{1,63}, as the reference documents it. */
export function requireId(value: string, field: string): string {
  if (!new RegExp(`^${id}$`).test(value)) throw new Refusal("INVALID_ARGUMENT", `The ${field} must match [a-zA-Z0-9_-]{1,63}.`);
  return value;
}

function malformed(name: string): Refusal {
  return new Refusal("INVALID_ARGUMENT", `Resource name [${name}] does not match a pattern of this method.`);
}
