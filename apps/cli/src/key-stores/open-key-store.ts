import { withPackages } from "../keks/optional-packages.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { KeyStoreUri } from "./key-store-uri.ts";

/** What the users of a key store install beside letterlock. */
const storePackages: Readonly<Record<KeyStoreUri["kind"], readonly string[]>> = {
  file: ["@letterlock/keyring"],
  postgres: ["@letterlock/keyring", "pg"],
  redis: ["@letterlock/keyring", "ioredis"],
  dynamodb: ["@letterlock/keyring", "@aws-sdk/client-dynamodb", "@aws-sdk/lib-dynamodb"],
};

/** Loads the driver, which nothing did before. Nothing is asked of the store yet. */
export function openKeyStore(uri: KeyStoreUri): Promise<ConnectedStore> {
  return withPackages(storePackages[uri.kind], `key stores of ${uri.kind} need packages that are`, () => load(uri));
}

async function load(uri: KeyStoreUri): Promise<ConnectedStore> {
  switch (uri.kind) {
    case "file":
      return (await import("./file.ts")).openFileStore(uri);
    case "postgres":
      return (await import("./postgres.ts")).openPostgresStore(uri);
    case "redis":
      return (await import("./redis.ts")).openRedisStore(uri);
    case "dynamodb":
      return (await import("./dynamodb.ts")).openDynamoDbStore(uri);
  }
}
