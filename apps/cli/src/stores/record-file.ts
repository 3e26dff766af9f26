import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { csvStore, type EnvelopeStore, jsonStore, ndjsonStore } from "@letterlock/migrate";
import { usage } from "../failure.ts";
import type { ConnectedStore } from "./connected-store.ts";
import type { CsvEntry, JsonEntry, NdjsonEntry } from "./store-entry.ts";
import { unwritableFolder } from "./unwritable-path.ts";

type RecordFileEntry = NdjsonEntry | JsonEntry | CsvEntry;

/** Fields of a text file. */
export async function openRecordFile(name: string, entry: RecordFileEntry, base: string): Promise<ConnectedStore> {
  const file = resolve(base, entry.file);
  await requireFile(name, file);
  const store = storeOf(entry, file);
  if (entry.type === "csv") await requireColumns(name, file, store);
  return { store, place: file, mayNotWrite: () => unwritableFolder(dirname(file)), explain: () => undefined };
}

function storeOf(entry: RecordFileEntry, file: string): EnvelopeStore {
  switch (entry.type) {
    case "ndjson":
      return ndjsonStore({ file, fields: entry.fields, key: entry.key });
    case "json":
      return jsonStore({ file, fields: entry.fields });
    case "csv":
      return csvStore({ file, columns: entry.columns, delimiter: entry.delimiter, key: entry.key });
  }
}

async function requireFile(name: string, file: string): Promise<void> {
  const opened = await open(file).catch((error: NodeJS.ErrnoException) => {
    throw usage(`stores.${name}.file: ${file} cannot be read: ${error.code}`);
  });
  try {
    if (!(await opened.stat()).isFile()) throw usage(`stores.${name}.file: ${file} is no file`);
  } finally {
    await opened.close();
  }
}

/** The line of names is listed when it lacks a column, as the first object and as one that cannot be read. */
async function requireColumns(name: string, file: string, store: EnvelopeStore): Promise<void> {
  for await (const object of store.scan((await store.partitions(1))[0] ?? "", {})) {
    if (object.id !== "row 0") return;
    await object.read().catch((error: Error) => {
      throw usage(`stores.${name}: the first line of ${file} is no line of names that fits: ${error.message}`);
    });
    return;
  }
}
