import type { Node } from "jsonc-parser";
import { realDisk } from "./disk.ts";
import type { EnvelopeStore } from "./envelope-store.ts";
import { jsonFields, membersOf } from "./json-fields.ts";
import { checkNames } from "./migration.ts";
import { type RecordFileSeams, recordFileStore } from "./record-file-store.ts";
import { cutAtLines, type FieldPath, readPaths } from "./record-layout.ts";

export interface JsonStoreOptions {
  readonly file: string;
  /** Where objects in text form stand: "ssn", "user.ssn", "users.*.ssn". Members that are not there are no objects; others than strings are foreign. */
  readonly fields: readonly FieldPath[];
}

export interface NdjsonStoreOptions extends JsonStoreOptions {
  /** The member that names a line, for ids that stay when others add and remove lines. Without it the number of the line is its name. */
  readonly key?: string | undefined;
}

/** One JSON text, which is in memory as a whole. */
export function jsonStore(options: JsonStoreOptions): EnvelopeStore {
  checkNames(options, ["file", "fields"], "options");
  const paths = readPaths(options.fields);
  return recordFileStore(options.file, {
    async *records(chunks) {
      const parts: Buffer[] = [];
      for await (const chunk of chunks) parts.push(Buffer.from(chunk));
      yield Buffer.concat(parts);
    },
    reader: () => (record) => jsonFields(record, paths, () => ""),
  });
}

/** A JSON text in each line; a line at a time is in memory. */
export function ndjsonStore(options: NdjsonStoreOptions): EnvelopeStore {
  return ndjsonStoreWith({ disk: realDisk(), compares: true }, options);
}

/** @internal */
export function ndjsonStoreWith(seams: RecordFileSeams, options: NdjsonStoreOptions): EnvelopeStore {
  checkNames(options, ["file", "fields", "key"], "options");
  const { key } = options;
  const paths = readPaths(options.fields);
  const nameOf = (root: Node, index: number): string => {
    const named = key === undefined ? undefined : membersOf(root).find((member) => member.key === key)?.value.value;
    return named === undefined ? `line ${index + 1}` : JSON.stringify(named);
  };
  return recordFileStore(
    options.file,
    {
      records: (chunks) => cutAtLines(chunks),
      reader: () => (record, index) => jsonFields(record, paths, (root) => nameOf(root, index)),
    },
    seams,
  );
}
