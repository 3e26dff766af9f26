import { resolve } from "node:path";
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

export interface RedisStoreUri {
  readonly kind: "redis";
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly tls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
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
      return redisStore(uri, scheme === "rediss");
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
      return `redis://${uri.host}:${uri.port}/${uri.database}`;
    case "dynamodb":
      return `dynamodb://${uri.table}`;
  }
}

const postgresForm = "postgres://[USER@]HOST[:PORT]/DATABASE[?table=NAME&sslmode=verify-full]";
const redisForm = "redis://HOST[:PORT][/NUMBER][?prefix={TAG}:]";
const dynamoDbForm = "dynamodb://TABLE[?region=REGION&endpoint=http://127.0.0.1:PORT]";

function postgresStore(text: string): PostgresStoreUri {
  const url = parsed(text, postgresForm);
  const { table } = parameters(url, ["table", "sslmode", "sslrootcert", "sslcert", "sslkey"], postgresForm);
  url.searchParams.delete("table");
  const database = decoded(url.pathname.slice(1), postgresForm);
  if (url.hostname === "") throw usage(`--key-store: the host is missing: write ${postgresForm}`);
  decoded(url.username + url.password, postgresForm);
  return { kind: "postgres", connection: url.href, host: url.host, database: database === "" ? undefined : database, table };
}

function redisStore(text: string, tls: boolean): RedisStoreUri {
  const url = parsed(text, redisForm);
  const { prefix } = parameters(url, ["prefix"], redisForm);
  const database = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  if (url.hostname === "" || database === undefined)
    throw usage(`--key-store: a host, and a number or nothing after it: write ${redisForm}`);
  const user = decoded(url.username, redisForm);
  const password = decoded(url.password, redisForm);
  return {
    kind: "redis",
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 6379 : Number(url.port),
    database: Number(database),
    tls,
    user: user === "" ? undefined : user,
    password: password === "" ? undefined : password,
    prefix,
  };
}

/** The table is no host: it keeps its upper case. */
function dynamoDbStore(text: string): DynamoDbStoreUri {
  const table = /^dynamodb:\/\/([A-Za-z0-9_.-]{3,255})(\?|$)/.exec(text)?.[1];
  if (table === undefined) throw usage(`--key-store: the name of a table has 3 to 255 letters, digits, and _.-: write ${dynamoDbForm}`);
  const { region, endpoint } = parameters(parsed(text, dynamoDbForm), ["region", "endpoint"], dynamoDbForm);
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

function parsed(text: string, form: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // What follows an unescaped "#" of a password would be taken for no part of it.
  if (url === undefined || url.hash !== "")
    throw usage(`--key-store: this is no URI (a password has %23 for #, %2F for / and so on): write ${form}`);
  return url;
}

function parameters<Name extends string>(url: URL, names: readonly Name[], form: string): Partial<Readonly<Record<Name, string>>> {
  const given: Partial<Record<Name, string>> = {};
  for (const [written, value] of url.searchParams) {
    const name = names.find((known) => known === written);
    if (name === undefined || Object.hasOwn(given, name) || value === "") {
      throw usage(`--key-store: the parameters are ${names.join(", ")}, each once and with a value: write ${form}`);
    }
    given[name] = value;
  }
  return given;
}

function decoded(text: string, form: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw usage(`--key-store: a % is written %25: write ${form}`);
  }
}
