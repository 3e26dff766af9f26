/** What judges a shipped store, and what of the suite it cannot show there, each with its reason. */
export interface Coverage {
  /** Of this folder: where the suite runs. */
  readonly test: string;
  readonly judges: readonly string[];
  /** Why a part of the suite is not asked of it. What is not named here is asked. */
  readonly without: {
    /** "heads": it has no `replaceHead`. */
    readonly heads?: string;
    /** "huge": its huge object is smaller than 20 MiB. */
    readonly huge?: string;
    /** "odd-names": some of them are not tried. */
    readonly names?: string;
    /** "unreadable": nobody can take the right to read away. */
    readonly reading?: string;
    /** "partitions": they are no more than one. */
    readonly parts?: string;
  };
}

const inMemory = "an object is in memory as a whole, so there is no payload to leave where it is";

export const coverage: Readonly<Record<string, Coverage>> = {
  memoryStore: { test: "stores.test.ts", judges: ["this process"], without: {} },
  fileStore: { test: "stores.test.ts", judges: ["the file system"], without: {} },
  ndjsonStore: {
    test: "record-stores.test.ts",
    judges: ["the file system"],
    without: {
      heads: "the file is written as a whole",
      huge: "a text form in a line is parsed in memory",
      parts: "each part would read and write the whole file",
    },
  },
  jsonStore: {
    test: "record-stores.test.ts",
    judges: ["the file system"],
    without: {
      heads: "the file is written as a whole",
      huge: "the text is parsed in memory",
      parts: "each part would read and write the whole file",
    },
  },
  csvStore: {
    test: "record-stores.test.ts",
    judges: ["the file system"],
    without: {
      heads: "the file is written as a whole",
      huge: "a row is parsed in memory",
      parts: "each part would read and write the whole file",
    },
  },
  postgresStore: {
    test: "postgres-store.test.ts",
    judges: ["PGlite", "PostgreSQL of Debian"],
    without: { heads: inMemory, huge: "PGlite has the memory of a WebAssembly module" },
  },
  s3Store: {
    test: "s3-store.test.ts",
    judges: ["moto", "LocalStack"],
    without: { names: "each server mistakes a key with a line break, in its own way" },
  },
  dynamoDbStore: {
    test: "dynamodb-store.test.ts",
    judges: ["moto"],
    without: { heads: inMemory, huge: "an item has at most 400 KB" },
  },
  redisStore: {
    test: "redis-store.test.ts",
    judges: ["Redis of Debian"],
    without: { heads: inMemory, parts: "SCAN goes through all keys" },
  },
  sqliteStore: { test: "sqlite-store.test.ts", judges: ["SQLite of Node"], without: { heads: inMemory } },
};
