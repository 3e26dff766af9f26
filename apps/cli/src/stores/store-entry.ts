import type { FieldPath } from "@letterlock/migrate";

/** What every store of a configuration may say beside its own options. */
export interface EntryOfAnyType {
  /** KEKs that open its objects today, names or URIs; those of the configuration by default. */
  readonly from?: readonly string[] | undefined;
  /** KEKs that shall open them. */
  readonly to?: readonly string[] | undefined;
  /** The values of detached context keys, the same for all objects of the store. */
  readonly detached?: Readonly<Record<string, string>> | undefined;
  /** The configuration, where it was found and not named: what the environment holds is then not for every server in it. */
  readonly foundIn?: string | undefined;
}

/** Files below a folder. */
export interface FilesEntry extends EntryOfAnyType {
  readonly type: "files";
  /** Relative to the configuration, as every path here. */
  readonly folder: string;
  /** Patterns of paths below the folder; all files by default. */
  readonly include?: readonly string[] | undefined;
}

/** Fields of JSON texts, one in a line. */
export interface NdjsonEntry extends EntryOfAnyType {
  readonly type: "ndjson";
  readonly file: string;
  readonly fields: readonly FieldPath[];
  readonly key?: string | undefined;
}

/** Fields of one JSON text. */
export interface JsonEntry extends EntryOfAnyType {
  readonly type: "json";
  readonly file: string;
  readonly fields: readonly FieldPath[];
}

/** Cells of a table with a line of names. */
export interface CsvEntry extends EntryOfAnyType {
  readonly type: "csv";
  readonly file: string;
  readonly columns: readonly string[];
  readonly delimiter?: string | undefined;
  readonly key?: string | undefined;
}

export interface PostgresEntry extends EntryOfAnyType {
  readonly type: "postgres";
  /** Without it, PGHOST and their like. It may hold a password. */
  readonly url?: string | undefined;
  readonly table: string;
  readonly column: string;
  readonly path?: readonly string[] | undefined;
  readonly key?: readonly string[] | undefined;
  readonly pageRows?: number | undefined;
  /** Open at once; 4 by default. */
  readonly connections?: number | undefined;
  /** What one statement may take; 120 by default. */
  readonly statementSeconds?: number | undefined;
  /** Rows that policies of row-level security hide from the role are no part of the store. Without it, a role that policies apply to is refused. */
  readonly hiddenRows?: boolean | undefined;
}

export interface SqliteEntry extends EntryOfAnyType {
  readonly type: "sqlite";
  readonly file: string;
  readonly table: string;
  readonly column: string;
  readonly key?: readonly string[] | undefined;
}

export interface RedisEntry extends EntryOfAnyType {
  readonly type: "redis";
  /** It may hold a password. */
  readonly url: string;
  readonly prefix?: string | undefined;
  /** Of hashes; without it the keys are strings. */
  readonly field?: string | undefined;
  readonly pageKeys?: number | undefined;
}

export interface S3Entry extends EntryOfAnyType {
  readonly type: "s3";
  readonly bucket: string;
  readonly prefix?: string | undefined;
  readonly pageKeys?: number | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly forcePathStyle?: boolean | undefined;
}

export interface DynamoDbEntry extends EntryOfAnyType {
  readonly type: "dynamodb";
  readonly table: string;
  readonly key: readonly string[];
  readonly attribute: string;
  readonly pageItems?: number | undefined;
  readonly region?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** One store of a configuration, as it stands there. */
export type StoreEntry =
  | FilesEntry
  | NdjsonEntry
  | JsonEntry
  | CsvEntry
  | PostgresEntry
  | SqliteEntry
  | RedisEntry
  | S3Entry
  | DynamoDbEntry;
