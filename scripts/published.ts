import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "./command.ts";

/** A package that users install. */
export interface Published {
  readonly name: string;
  readonly directory: string;
  /** What `import` of it can name and has declarations: subpath to the declaration file, both relative. */
  readonly declarations: ReadonlyMap<string, string>;
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | { readonly types?: string }>>;
}

export function published(): Published[] {
  return globSync("{packages,apps}/*/package.json", { cwd: root })
    .sort()
    .map((file) => ({ file, manifest: JSON.parse(readFileSync(join(root, file), "utf8")) as Manifest }))
    .filter(({ manifest }) => manifest.private !== true)
    .map(({ file, manifest }) => ({ name: manifest.name, directory: join(root, dirname(file)), declarations: declarationsOf(manifest) }));
}

function declarationsOf(manifest: Manifest): Map<string, string> {
  const found = new Map<string, string>();
  for (const [subpath, target] of Object.entries(manifest.exports ?? {})) {
    if (typeof target !== "string" && target.types !== undefined) found.set(subpath, target.types);
  }
  return found;
}
