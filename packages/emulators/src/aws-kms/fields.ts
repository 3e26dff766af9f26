import { Buffer } from "node:buffer";
import { AwsKmsError, constraint, validation } from "./aws-kms-error.ts";
import type { EncryptionContext } from "./encryption-context.ts";

/** The members of a request, read with the service's own complaints. */
export type Fields = Readonly<Record<string, unknown>>;

export function text(fields: Fields, name: string): string {
  const value = optionalText(fields, name);
  if (value === undefined) throw missing(name);
  return value;
}

export function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined || typeof value === "string") return value;
  throw serialization();
}

/** `most` bytes; an empty value is refused like a missing one. */
export function blob(fields: Fields, name: string, most: number): Buffer {
  const encoded = text(fields, name);
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(encoded) || encoded.length % 4 !== 0) throw serialization();
  const bytes = Buffer.from(encoded, "base64");
  if (bytes.length < 1) throw constraint(`at '${lower(name)}'`, "have length greater than or equal to 1");
  if (bytes.length > most) throw constraint(`at '${lower(name)}'`, `have length less than or equal to ${most}`);
  return bytes;
}

export function integer(fields: Fields, name: string, [least, most]: readonly [number, number]): number | undefined {
  const value = fields[name] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isInteger(value)) throw serialization();
  if (value < least) throw constraint(`'${value}' at '${lower(name)}'`, `have value greater than or equal to ${least}`);
  if (value > most) throw constraint(`'${value}' at '${lower(name)}'`, `have value less than or equal to ${most}`);
  return value;
}

export function flag(fields: Fields, name: string): boolean {
  const value = fields[name] ?? false;
  if (typeof value !== "boolean") throw serialization();
  return value;
}

export function oneOf(fields: Fields, name: string, values: readonly string[], otherwise: string): string {
  const value = optionalText(fields, name) ?? otherwise;
  if (!values.includes(value)) throw constraint(`'${value}' at '${lower(name)}'`, `satisfy enum value set: [${values.join(", ")}]`);
  return value;
}

export function texts(fields: Fields, name: string): readonly string[] {
  const value = fields[name] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) throw serialization();
  return value as string[];
}

export function context(fields: Fields, name: string): EncryptionContext {
  const value = fields[name] ?? {};
  if (!isMap(value) || !Object.values(value).every((item) => typeof item === "string")) throw serialization();
  return value as EncryptionContext;
}

export function tags(fields: Fields): ReadonlyMap<string, string> {
  const value = fields.Tags ?? [];
  if (!Array.isArray(value)) throw serialization();
  const read = new Map<string, string>();
  for (const tag of value as unknown[]) {
    if (!isMap(tag)) throw serialization();
    const key = text(tag, "TagKey");
    if (key === "" || key.length > 128) throw validation("TagKey must have length between 1 and 128");
    if (key.startsWith("aws:")) throw new AwsKmsError("TagException", "aws: prefixed tag key names are not allowed for external use");
    if (read.has(key)) throw new AwsKmsError("TagException", "Duplicate tag keys");
    read.set(key, text(tag, "TagValue"));
  }
  return read;
}

export function isMap(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function serialization(): AwsKmsError {
  return new AwsKmsError("SerializationException");
}

function missing(name: string): AwsKmsError {
  return constraint(`null at '${lower(name)}'`, "not be null");
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
