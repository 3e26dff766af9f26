import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import type { fromJSON, PackageDefinition } from "@grpc/proto-loader";
import type { Message } from "./damage.ts";
import { enums, messages, methods, wellKnown } from "./protocol.ts";

const path = "google.cloud.kms.v1";

type KmsMethod = MethodDefinition<Message, Message | Uint8Array>;

/** The service as grpc-js takes it. A response that is already bytes is sent as it is, so that an answer can be something else than protobuf. */
export function grpcDefinition(load: typeof fromJSON): ServiceDefinition {
  const loaded: PackageDefinition = load(descriptor(), { longs: String, enums: String, defaults: true });
  const service = loaded[`${path}.KeyManagementService`] as unknown as Readonly<Record<string, KmsMethod>>;
  const own = Object.entries(service).map(([name, method]): [string, KmsMethod] => [
    name,
    { ...method, responseSerialize: (value) => (value instanceof Uint8Array ? Buffer.from(value) : method.responseSerialize(value)) },
  ]);
  return Object.fromEntries(own) as ServiceDefinition;
}

/** What protobufjs reads. */
function descriptor(): object {
  const served = Object.entries(methods).map(([name, { request, response }]) => [name, { requestType: request, responseType: response }]);
  const kms = {
    ...types(messages),
    ...Object.fromEntries(Object.entries(enums).map(([name, values]) => [name, { values }])),
    KeyManagementService: { methods: Object.fromEntries(served) },
  };
  const nested = path.split(".").reduceRight<object>((inner, name) => ({ [name]: { nested: inner } }), kms) as {
    readonly google: { readonly nested: object };
  };
  return { nested: { google: { nested: { ...nested.google.nested, protobuf: { nested: types(wellKnown) } } } } };
}

function types(all: Readonly<Record<string, Readonly<Record<string, string>>>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(all).map(([name, fields]) => [
      name,
      { fields: Object.fromEntries(Object.entries(fields).map(([field, spelled]) => [field, fieldOf(spelled)])) },
    ]),
  );
}

function fieldOf(spelled: string): object {
  const { rule, type, id } = parseField(spelled);
  if (rule === "map") return { keyType: "string", type: "string", id };
  return { type, id, ...(rule === "repeated" && { rule }) };
}

export function parseField(spelled: string): { readonly rule: "repeated" | "map" | "single"; readonly type: string; readonly id: number } {
  const words = spelled.split(" ");
  const id = Number(words.at(-1));
  const type = words.at(-2) ?? "";
  if (type === "map<string,string>") return { rule: "map", type: "string", id };
  return { rule: words.length === 3 ? "repeated" : "single", type, id };
}
