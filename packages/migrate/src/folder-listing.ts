import { opendir } from "node:fs/promises";

export interface Entry {
  /** The bytes of the name, which need not be UTF-8. */
  readonly name: Buffer;
  readonly isFolder: boolean;
}

/**
 * The files and folders of a folder, in the order of their names' bytes. A folder may hold a million, so what is kept of each is a string with a character for each byte, which
 * sorts as the bytes do and takes a small part of what `readdir` gives. A folder that is called `without` is left out.
 */
export async function entriesOf(folder: Buffer, without: string | undefined): Promise<Iterable<Entry>> {
  const names: string[] = [];
  const folders = new Set<string>();
  // The declarations of Node's types know "buffer" for readdir only.
  const options = { encoding: "buffer" as BufferEncoding, bufferSize: 1_024 };
  for await (const entry of await opendir(folder, options)) {
    if (!entry.isFile() && !entry.isDirectory()) continue;
    const name = (entry.name as unknown as Buffer).toString("latin1");
    if (entry.isDirectory() && name === without) continue;
    if (entry.isDirectory()) folders.add(name);
    names.push(name);
  }
  names.sort();
  return entries(names, folders);
}

function* entries(names: readonly string[], folders: ReadonlySet<string>): Generator<Entry> {
  for (const name of names) yield { name: Buffer.from(name, "latin1"), isFolder: folders.has(name) };
}
