import type { HttpRequest } from "../server/http-server.ts";

/** Every operation that a request can have: what faults, denials and the request log speak of. */
export const azureKeyVaultOperations = [
  "challenge",
  "token",
  "openIdConfiguration",
  "create",
  "import",
  "get",
  "list",
  "listVersions",
  "update",
  "rotate",
  "getRotationPolicy",
  "updateRotationPolicy",
  "delete",
  "getDeleted",
  "listDeleted",
  "recover",
  "purge",
  "wrapKey",
  "unwrapKey",
  "encrypt",
  "decrypt",
  "unknown",
] as const;

export type AzureKeyVaultOperation = (typeof azureKeyVaultOperations)[number];

export interface UnderstoodPath {
  readonly operation: AzureKeyVaultOperation;
  /** "" where the request names no key. */
  readonly name: string;
  /** "" means the latest. */
  readonly version: string;
}

const onKeys: Readonly<Record<string, AzureKeyVaultOperation>> = {
  "POST create": "create",
  "POST rotate": "rotate",
  "GET rotationpolicy": "getRotationPolicy",
  "PUT rotationpolicy": "updateRotationPolicy",
  "GET versions": "listVersions",
};
const onVersions: Readonly<Record<string, AzureKeyVaultOperation>> = {
  wrapkey: "wrapKey",
  unwrapkey: "unwrapKey",
  encrypt: "encrypt",
  decrypt: "decrypt",
};

/** A path is `/keys/NAME/VERSION/operation`; the version can be empty (`/keys/NAME//wrapkey`) or missing (`/keys/NAME/wrapkey`), as clients spell it. */
export function understandPath({ method, url }: HttpRequest): UnderstoodPath {
  const [collection, name = "", ...rest] = url.pathname.split("/").slice(1);
  if (collection === "keys") return { name, ...underKeys(method, name, rest) };
  if (collection === "deletedkeys") return { operation: underDeletedKeys(method, name, rest), name, version: "" };
  return { operation: tokenOperation(method, url.pathname), name: "", version: "" };
}

function underKeys(method: string, name: string, rest: readonly string[]): { operation: AzureKeyVaultOperation; version: string } {
  const [first = "", second] = rest;
  if (name === "") return { operation: method === "GET" && rest.length === 0 ? "list" : "unknown", version: "" };
  const named = rest.length === 1 ? onKeys[`${method} ${first}`] : undefined;
  if (named !== undefined) return { operation: named, version: "" };
  if (method === "POST" && rest.length === 1) return { operation: onVersions[first] ?? "unknown", version: "" };
  if (method === "POST" && rest.length === 2) return { operation: onVersions[second ?? ""] ?? "unknown", version: first };
  if (rest.length > 1) return { operation: "unknown", version: "" };
  if (method === "GET") return { operation: "get", version: first };
  if (method === "PATCH") return { operation: "update", version: first };
  if (method === "PUT" && first === "") return { operation: "import", version: "" };
  if (method === "DELETE" && first === "") return { operation: "delete", version: "" };
  return { operation: "unknown", version: "" };
}

function underDeletedKeys(method: string, name: string, rest: readonly string[]): AzureKeyVaultOperation {
  if (name === "") return method === "GET" ? "listDeleted" : "unknown";
  if (method === "POST" && rest.length === 1 && rest[0] === "recover") return "recover";
  if (rest.length > 0) return "unknown";
  if (method === "GET") return "getDeleted";
  return method === "DELETE" ? "purge" : "unknown";
}

function tokenOperation(method: string, path: string): AzureKeyVaultOperation {
  if (method === "POST" && /^\/[^/]+\/oauth2\/v2\.0\/token$/.test(path)) return "token";
  if (method === "GET" && /^\/[^/]+\/v2\.0\/\.well-known\/openid-configuration$/.test(path)) return "openIdConfiguration";
  return "unknown";
}
