import type { EnvelopeStore } from "@letterlock/migrate";
import { usage } from "../failure.ts";
import { withPackages } from "../keks/optional-packages.ts";
import type { ConnectedStore } from "./connected-store.ts";
import { namedStore, type StoreUse } from "./named-store.ts";
import type { StoreEntry } from "./store-entry.ts";

/** A store of a configuration, and the connection that is behind it. */
export interface OpenedStore {
  readonly name: string;
  readonly store: EnvelopeStore;
  close(): Promise<void>;
}

/** What the users of a type of stores install beside letterlock. */
const storePackages: Readonly<Record<StoreEntry["type"], readonly string[]>> = {
  files: [],
  ndjson: [],
  json: [],
  csv: [],
  postgres: ["pg"],
  sqlite: [],
  redis: ["ioredis"],
  s3: ["@aws-sdk/client-s3"],
  dynamodb: ["@aws-sdk/client-dynamodb", "@aws-sdk/lib-dynamodb"],
};

/** `folder`: what the paths of the entry are relative to. Loads the driver, which nothing did before. No server is asked yet: what is wrong there shows with the first use of the store. */
export async function openStore(name: string, entry: StoreEntry, folder: string, use: StoreUse = {}): Promise<OpenedStore> {
  const connected = await withPackages(storePackages[entry.type], `stores of type ${entry.type} need packages that are`, () =>
    connect(name, entry, folder),
  ).catch((error: unknown) => {
    throw error instanceof TypeError || error instanceof RangeError ? usage(`stores.${name}: ${error.message}`) : error;
  });
  return { name, store: namedStore(name, connected, use), close: async () => connected.close?.() };
}

async function connect(name: string, entry: StoreEntry, folder: string): Promise<ConnectedStore> {
  switch (entry.type) {
    case "files":
      return (await import("./files.ts")).openFiles(name, entry, folder);
    case "ndjson":
    case "json":
    case "csv":
      return (await import("./record-file.ts")).openRecordFile(name, entry, folder);
    case "postgres":
      return (await import("./postgres.ts")).openPostgres(name, entry, folder);
    case "sqlite":
      return (await import("./sqlite.ts")).openSqlite(name, entry, folder);
    case "redis":
      return (await import("./redis.ts")).openRedis(name, entry);
    case "s3":
      return (await import("./s3.ts")).openS3(name, entry);
    case "dynamodb":
      return (await import("./dynamodb.ts")).openDynamoDb(name, entry);
  }
}
