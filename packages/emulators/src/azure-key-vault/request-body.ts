import type { Jwk } from "./jwk.ts";
import type { OperationValues } from "./key-operation.ts";
import type { AzureKeyType, KeyAttributes, KeyParameters, KeyVersion } from "./key-version.ts";
import { badParameter } from "./refusal.ts";

type Fields = Readonly<Record<string, unknown>>;

export function parseBody(body: Buffer): Fields {
  if (body.length === 0) return {};
  try {
    return fields(JSON.parse(body.toString("utf8")));
  } catch {
    throw badParameter("The request body is not valid JSON");
  }
}

export function keyParameters(body: Fields, managedHsm: boolean): KeyParameters {
  return {
    type: keyType(body.kty, managedHsm),
    bits: typeof body.key_size === "number" ? body.key_size : undefined,
    operations: strings(body.key_ops),
    attributes: attributes(body, { enabled: true, notBefore: undefined, expires: undefined }),
    tags: tags(body),
  };
}

export function importParameters(body: Fields, managedHsm: boolean): { parameters: KeyParameters; jwk: Jwk } {
  const jwk = fields(body.key);
  return { parameters: keyParameters({ ...body, kty: jwk.kty, key_ops: jwk.key_ops }, managedHsm), jwk: jwk as Jwk };
}

/** What the request does not name stays as it is. */
export function updateVersion(version: KeyVersion, body: Fields): void {
  version.attributes = attributes(body, version.attributes);
  version.operations = strings(body.key_ops) ?? version.operations;
  version.tags = tags(body) ?? version.tags;
}

export function operationValues(body: Fields): { readonly algorithm: string; readonly values: OperationValues } {
  const value = bytes(body.value);
  if (typeof body.alg !== "string" || value === undefined) throw badParameter("The request body must include alg and value");
  return { algorithm: body.alg, values: { value, iv: bytes(body.iv), aad: bytes(body.aad), tag: bytes(body.tag) } };
}

function keyType(kty: unknown, managedHsm: boolean): AzureKeyType {
  if (kty === "RSA" || kty === "RSA-HSM") return kty;
  if (kty === "oct-HSM" && managedHsm) return kty;
  throw badParameter(`Property kty has invalid value: ${managedHsm ? "RSA-HSM and oct-HSM" : "RSA and RSA-HSM"} keys exist here`);
}

function attributes(body: Fields, before: KeyAttributes): KeyAttributes {
  const { enabled, nbf, exp } = fields(body.attributes);
  return {
    enabled: typeof enabled === "boolean" ? enabled : before.enabled,
    notBefore: typeof nbf === "number" ? nbf : before.notBefore,
    expires: typeof exp === "number" ? exp : before.expires,
  };
}

function tags(body: Fields): Readonly<Record<string, string>> | undefined {
  return body.tags === undefined || body.tags === null ? undefined : (fields(body.tags) as Record<string, string>);
}

function strings(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : undefined;
}

function bytes(value: unknown): Buffer | undefined {
  return typeof value === "string" ? Buffer.from(value, "base64url") : undefined;
}

function fields(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
