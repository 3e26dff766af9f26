import { readFile, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { usage } from "../failure.ts";
import type { StoreEntry } from "../stores/store-entry.ts";
import { refuseUnknownNames } from "./configured-names.ts";
import type { RateEntry } from "./rate-entry.ts";

export interface Configuration {
  /** Undefined when there is none. */
  readonly path: string | undefined;
  /** By --config; else it was found. */
  readonly named: boolean;
  /** What the paths in it are relative to. */
  readonly folder: string;
  readonly keks: Readonly<Record<string, string>>;
  readonly seal: readonly string[];
  readonly open: readonly string[];
  readonly context: Readonly<Record<string, string>>;
  /** Stores of `migrate`, by their names. */
  readonly stores: Readonly<Record<string, StoreEntry>>;
  /** KEKs that `migrate` moves from, names or URIs, for stores that name none. */
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** By the KEKs, names or URIs. */
  readonly rates: Readonly<Record<string, RateEntry>>;
}

const nothing = { keks: {}, seal: [], open: [], context: {}, stores: {}, from: [], to: [], rates: {} } as const;

const fileName = "letterlock.config.json";

/** The named configuration, or the letterlock.config.json of the working folder or the nearest folder above it. */
export async function loadConfiguration(named: string | undefined): Promise<Configuration> {
  const path = named === undefined ? await findUpwards(process.cwd()) : resolve(named);
  if (path === undefined) return { path, named: false, folder: process.cwd(), ...nothing };
  const { parseConfiguration } = await import("./configuration-schema.ts");
  const value = /\.(mjs|ts)$/.test(path) ? await importDefault(path) : await readJson(path);
  const parsed = parseConfiguration(value, path);
  refuseUnknownNames(parsed, path);
  const stores = named !== undefined ? parsed.stores : mapped(parsed.stores, (entry) => ({ ...entry, foundIn: path }));
  return { path, named: named !== undefined, folder: dirname(path), ...parsed, stores };
}

async function findUpwards(folder: string): Promise<string | undefined> {
  const path = join(folder, fileName);
  const there = await stat(path).catch(() => undefined);
  if (there === undefined) return dirname(folder) === folder ? undefined : findUpwards(dirname(folder));
  const user = process.getuid?.();
  // It chooses who can open what is sealed: one that another user put into a folder above must not be taken unasked.
  if (user !== undefined && there.uid !== user && there.uid !== 0)
    throw usage(`${path} belongs to another user: name it with --config to use it`);
  return path;
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError) throw usage(`${path} is not JSON: ${withoutSource(error.message)}`);
    throw unreadable(path, error);
  }
}

/** The engine quotes what stands around the mistake, which can be a password. */
function withoutSource(message: string): string {
  return message.replace(/,? (\.\.\.)?".*$/s, "");
}

async function importDefault(path: string): Promise<unknown> {
  await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  const module = (await import(pathToFileURL(path).href)) as { readonly default?: unknown };
  return module.default;
}

function unreadable(path: string, error: unknown): Error {
  return usage(`the configuration ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
}

function mapped<T>(record: Readonly<Record<string, T>>, of: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, of(value)]));
}
