import { createRequire } from "node:module";
import { describe, expect, test } from "vitest";
import { parseField } from "../../src/gcp-kms/grpc-definition.ts";
import { enums, messages, methods, wellKnown } from "../../src/gcp-kms/protocol.ts";

interface Node {
  readonly nested?: Readonly<Record<string, Node>>;
  readonly fields?: Readonly<
    Record<string, { readonly type: string; readonly id: number; readonly rule?: string; readonly keyType?: string }>
  >;
  readonly values?: Readonly<Record<string, number>>;
  readonly methods?: Readonly<
    Record<string, { readonly requestType: string; readonly responseType: string; readonly parsedOptions: readonly object[] }>
  >;
}

// The descriptors that the SDK ships: the independent judge of what is written by hand here.
const root = createRequire(import.meta.url)("@google-cloud/kms/build/protos/protos.json") as Node;
const v1 = at("google", "cloud", "kms", "v1");
const protobuf = at("google", "protobuf");

describe("the emulated API has the field numbers and types of the SDK", () => {
  test.each([...Object.entries(messages), ...Object.entries(wellKnown)])("%s", (name, fields) => {
    const theirs = (v1[name] ?? protobuf[name])?.fields;
    for (const [field, spelled] of Object.entries(fields)) {
      const { rule, type, id } = parseField(spelled);
      const their = theirs?.[field];
      expect({ field, id: their?.id, repeated: their?.rule === "repeated", map: their?.keyType === "string" }).toEqual({
        field,
        id,
        repeated: rule === "repeated",
        map: rule === "map",
      });
      expect(their?.type.split(".").at(-1)).toBe(type.split(".").at(-1));
    }
  });

  test.each(Object.entries(enums))("%s", (name, values) => {
    const theirs = v1[name]?.values ?? [v1.CryptoKey, v1.CryptoKeyVersion].map((one) => one?.nested?.[name]?.values).find(Boolean);
    expect(theirs).toMatchObject(values);
  });

  test.each(Object.entries(methods))("%s", (name, { request, response, http: [verb, template], body }) => {
    const their = v1.KeyManagementService?.methods?.[name];
    expect(their).toMatchObject({ requestType: request, responseType: response });
    const http = their?.parsedOptions
      .map((option) => (option as Record<string, Record<string, string>>)["(google.api.http)"])
      .find(Boolean);
    expect(http?.[verb.toLowerCase()]).toBe(template.replace(/\{(\w+)/, (_, field: string) => `{${snakeCase(field)}`));
    expect(http?.body).toBe(body === undefined ? undefined : snakeCase(body));
  });
});

function at(...path: readonly string[]): Readonly<Record<string, Node>> {
  return path.reduce<Node>((node, name) => node.nested?.[name] ?? {}, root).nested ?? {};
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
