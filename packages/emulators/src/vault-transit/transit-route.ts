import type { Verb } from "./verb.ts";

export type TransitOperation =
  | "encrypt"
  | "decrypt"
  | "rewrap"
  | "datakey"
  | "keys/list"
  | "keys/read"
  | "keys/create"
  | "keys/delete"
  | "keys/config"
  | "keys/rotate"
  | "keys/trim"
  | "keys/soft-delete"
  | "keys/soft-delete-restore"
  | "config/keys"
  | "export"
  | "random";

export const transitOperations: readonly TransitOperation[] = [
  "encrypt",
  "decrypt",
  "rewrap",
  "datakey",
  "keys/list",
  "keys/read",
  "keys/create",
  "keys/delete",
  "keys/config",
  "keys/rotate",
  "keys/trim",
  "keys/soft-delete",
  "keys/soft-delete-restore",
  "config/keys",
  "export",
  "random",
];

export interface TransitRoute {
  readonly operation: TransitOperation;
  readonly key?: string;
  /** What else the path says: "plaintext" of datakey, the type of an export, the number of random bytes. */
  readonly detail?: string | undefined;
  readonly version?: string | undefined;
}

interface Pattern {
  readonly path: RegExp;
  readonly verbs: Readonly<Partial<Record<Verb, TransitOperation>>>;
}

/** GenericNameRegex of the server's framework. */
const keyName = "(?<key>\\w(?:[\\w.-]*\\w)?)";

const patterns: readonly Pattern[] = [
  { path: /^keys\/?$/, verbs: { list: "keys/list" } },
  { path: new RegExp(`^keys/${keyName}$`), verbs: { read: "keys/read", write: "keys/create", delete: "keys/delete" } },
  { path: new RegExp(`^keys/${keyName}/config$`), verbs: { write: "keys/config" } },
  { path: new RegExp(`^keys/${keyName}/rotate$`), verbs: { write: "keys/rotate" } },
  { path: new RegExp(`^keys/${keyName}/trim$`), verbs: { write: "keys/trim" } },
  { path: new RegExp(`^keys/${keyName}/soft-delete$`), verbs: { delete: "keys/soft-delete" } },
  { path: new RegExp(`^keys/${keyName}/soft-delete-restore$`), verbs: { write: "keys/soft-delete-restore" } },
  { path: new RegExp(`^encrypt/${keyName}$`), verbs: { write: "encrypt" } },
  { path: new RegExp(`^decrypt/${keyName}$`), verbs: { write: "decrypt" } },
  { path: new RegExp(`^rewrap/${keyName}$`), verbs: { write: "rewrap" } },
  { path: new RegExp(`^datakey/(?<detail>\\w+)/${keyName}$`), verbs: { write: "datakey" } },
  { path: /^config\/keys$/, verbs: { read: "config/keys", write: "config/keys" } },
  { path: new RegExp(`^export/(?<detail>[\\w-]+)/${keyName}(?:/(?<version>\\w+))?$`), verbs: { read: "export" } },
  { path: /^random(?:\/(?<detail>\d+))?$/, verbs: { write: "random" } },
];

/** `path`: what follows the mount, without a slash before it. */
export function transitRoute(path: string, verb: Verb): TransitRoute | "unsupported path" | "unsupported operation" {
  for (const { path: pattern, verbs } of patterns) {
    const match = pattern.exec(path);
    if (match === null) continue;
    const operation = verbs[verb];
    return operation === undefined ? "unsupported operation" : { operation, ...match.groups };
  }
  return "unsupported path";
}
