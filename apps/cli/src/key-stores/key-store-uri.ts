import { resolve } from "node:path";
import { parsePostgresUrl } from "../drivers/postgres-url.ts";
import { parseRedisUrl, type RedisAddress, redisAddressText } from "../drivers/redis-url.ts";
import { parsedUrl, urlParameters } from "../drivers/server-url.ts";
import { usage } from "../failure.ts";
import { isLoopback } from "../keks/uri-authority.ts";

export interface FileStoreUri {
  readonly kind: "file";
  readonly folder: string;
}

export interface PostgresStoreUri {
  readonly kind: "postgres";
  /** For the driver: it may hold a password. */
  readonly connection: string;
  readonly host: string;
  readonly database: string | undefined;
  readonly table: string | undefined;
}

export interface RedisStoreUri extends RedisAddress {
  readonly kind: "redis";
  readonly prefix: string | undefined;
}

export interface DynamoDbStoreUri {
  readonly kind: "dynamodb";
  readonly table: string;
  readonly region: string | undefined;
  readonly endpoint: string | undefined;
}

export type KeyStoreUri = FileStoreUri | PostgresStoreUri | RedisStoreUri | DynamoDbStoreUri;

/** What a key store begins with. */
export const keyStoreSchemes: readonly string[] = ["file:", "postgres://", "redis://", "rediss://", "dynamodb://"];

const forms = "file:PATH, postgres://HOST/DATABASE, redis://HOST or dynamodb://TABLE";

/** Messages never repeat what was written: it may hold a password, wherever it was meant to stand. */
export function parseKeyStoreUri(uri: string, folder: string): KeyStoreUri {
  const [, scheme, rest = ""] = /^([a-z]+):(.*)$/s.exec(uri) ?? [];
  switch (scheme) {
    case "file":
      if (rest === "" || rest.startsWith("//")) throw usage("--key-store file: write file:PATH, the folder of the key store");
      return { kind: "file", folder: resolve(folder, rest) };
    case "postgres":
    case "postgresql":
      return postgresStore(uri);
    case "redis":
    case "rediss":
      return redisStore(uri);
    case "dynamodb":
      return dynamoDbStore(uri);
    default:
      throw usage(`--key-store: write ${forms}`);
  }
}

/** The name of a key store in messages and results: never its user, its password or its parameters. */
export function keyStoreName(uri: KeyStoreUri): string {
  switch (uri.kind) {
    case "file":
      return `file:${uri.folder}`;
    case "postgres":
      return `postgres://${uri.host}/${uri.database ?? ""}`;
    case "redis":
      return redisAddressText(uri);
    case "dynamodb":
      return `dynamodb://${uri.table}`;
  }
}

const postgresForm = "postgres://[USER@]HOST[:PORT]/DATABASE[?table=NAME&sslmode=verify-full]";
const redisForm = "redis://HOST[:PORT][/NUMBER][?prefix={TAG}:]";
const dynamoDbForm = "dynamodb://TABLE[?region=REGION&endpoint=http://127.0.0.1:PORT]";

const where = "--key-store";

function postgresStore(text: string): PostgresStoreUri {
  const { connection, host, database, own } = parsePostgresUrl(text, { where, form: postgresForm }, ["table"]);
  return { kind: "postgres", connection, host, database, table: own.table };
}

function redisStore(text: string): RedisStoreUri {
  const { own, ...address } = parseRedisUrl(text, { where, form: redisForm }, ["prefix"]);
  return { kind: "redis", ...address, prefix: own.prefix };
}

/** The table is no host: it keeps its upper case. */
function dynamoDbStore(text: string): DynamoDbStoreUri {
  const table = /^dynamodb:\/\/([A-Za-z0-9_.-]{3,255})(\?|$)/.exec(text)?.[1];
  if (table === undefined) throw usage(`--key-store: the name of a table has 3 to 255 letters, digits, and _.-: write ${dynamoDbForm}`);
  const place = { where, form: dynamoDbForm };
  const { region, endpoint } = urlParameters(parsedUrl(text, place), ["region", "endpoint"], place);
  if (region !== undefined && !/^[a-z0-9-]+$/.test(region))
    throw usage(`--key-store: region is a name such as eu-west-1: write ${dynamoDbForm}`);
  if (endpoint !== undefined) requireLoopback(endpoint);
  return { kind: "dynamodb", table, region, endpoint };
}

function requireLoopback(endpoint: string): void {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isPlain = url !== undefined && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
  if (isPlain && isLoopback(url.hostname)) return;
  throw usage(`--key-store: endpoint is for an emulator on this machine (127.0.0.1, localhost, [::1]): write ${dynamoDbForm}`);
}
