import type { Message } from "./damage.ts";
import { parseField } from "./grpc-definition.ts";
import { enums, messages } from "./protocol.ts";

// https://protobuf.dev/programming-guides/json for the types that the API has. The decoded form is the one that proto-loader gives.

export class InvalidJson extends Error {}

/** A decoded message with every field of its type. */
export function fromJson(type: string, json: unknown): Message {
  if (typeof json !== "object" || json === null || Array.isArray(json))
    throw new InvalidJson(`Invalid value for ${type}: an object is needed.`);
  const fields = messages[type] ?? {};
  for (const name in json) {
    if (!(name in fields)) throw new InvalidJson(`Invalid JSON payload received. Unknown name "${name}": Cannot find field.`);
  }
  return Object.fromEntries(
    Object.entries(fields).map(([name, spelled]) => [name, readField(name, spelled, (json as Message)[name] ?? undefined)]),
  );
}

/** Fields with their default value are left out, as the service does. */
export function toJson(type: string, message: Message, numericEnums: boolean): Message {
  const entries = Object.entries(messages[type] ?? {}).flatMap(([name, spelled]) => {
    const value = writeField(spelled, message[name], numericEnums);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function readField(name: string, spelled: string, value: unknown): unknown {
  const { rule, type } = parseField(spelled);
  if (rule === "map") return value ?? {};
  if (rule === "repeated") return Array.isArray(value) ? value.map((one) => readOne(name, type, one)) : [];
  return readOne(name, type, value);
}

function readOne(name: string, type: string, value: unknown): unknown {
  const wrong = (): InvalidJson => new InvalidJson(`Invalid value at '${name}' (${type}).`);
  if (type in messages) return value === undefined ? null : fromJson(type, value);
  const values = enums[type];
  if (values !== undefined) {
    if (typeof value === "number") return Object.keys(values).find((one) => values[one] === value) ?? value;
    if (value !== undefined && (typeof value !== "string" || !(value in values))) throw wrong();
    return value ?? Object.keys(values)[0];
  }
  switch (type) {
    case "string":
      if (value !== undefined && typeof value !== "string") throw wrong();
      return value ?? "";
    case "bytes":
      if (value === undefined) return Buffer.alloc(0);
      if (typeof value !== "string" || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) throw wrong();
      return Buffer.from(value, "base64");
    case "bool":
      if (value === "true" || value === "false") return value === "true";
      if (value !== undefined && typeof value !== "boolean") throw wrong();
      return value ?? false;
    case "int32":
      if (value !== undefined && !Number.isInteger(Number(value))) throw wrong();
      return Number(value ?? 0);
    case "google.protobuf.Int64Value":
      if (value === undefined) return null;
      if (!/^-?\d+$/.test(String(value))) throw wrong();
      return { value: String(value) };
    case "google.protobuf.FieldMask":
      return value === undefined ? null : { paths: String(value).split(",") };
    case "google.protobuf.Duration":
      return value === undefined ? null : readDuration(String(value), wrong);
    case "google.protobuf.Timestamp":
      return value === undefined ? null : readTimestamp(String(value), wrong);
    default:
      throw new TypeError(`no JSON mapping for ${type}`);
  }
}

function readDuration(text: string, wrong: () => InvalidJson): object {
  const [, seconds, fraction = ""] = /^(\d+)(?:\.(\d{1,9}))?s$/.exec(text) ?? [];
  if (seconds === undefined) throw wrong();
  return { seconds, nanos: Number(fraction.padEnd(9, "0")) };
}

function readTimestamp(text: string, wrong: () => InvalidJson): object {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw wrong();
  return { seconds: String(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1e6 };
}

function writeField(spelled: string, value: unknown, numericEnums: boolean): unknown {
  const { rule, type } = parseField(spelled);
  if (value === null || value === undefined) return undefined;
  if (rule === "map") return Object.keys(value).length === 0 ? undefined : value;
  if (rule === "repeated") return (value as readonly Message[]).map((one) => toJson(type, one, numericEnums));
  if (type in messages) return toJson(type, value as Message, numericEnums);
  if (Buffer.isBuffer(value)) return value.length === 0 ? undefined : value.toString("base64");
  const number = enums[type]?.[String(value)];
  if (number !== undefined) return numericEnums ? number : value;
  const { seconds, nanos, value: wrapped } = value as { seconds?: string; nanos?: number; value?: string };
  switch (type) {
    case "google.protobuf.Int64Value":
      return wrapped;
    case "google.protobuf.Duration":
      return nanos ? `${seconds}.${String(nanos).padStart(9, "0")}s` : `${seconds}s`;
    case "google.protobuf.Timestamp":
      return new Date(Number(seconds) * 1000 + Number(nanos) / 1e6).toISOString();
    default:
      return value === "" || value === 0 || value === false ? undefined : value;
  }
}
