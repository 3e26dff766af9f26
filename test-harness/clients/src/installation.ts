import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const home: string = join(import.meta.dirname, "..");

/** The folder of this package that holds the tests of one language. */
export function sourceFolder(language: "go" | "python"): string {
  return join(home, language);
}

/** Where installed things lie, outside of what git tracks. */
export function installedFolder(language: "go" | "python"): string {
  return join(home, "..", "..", ".servers", "clients", language);
}

export interface Stamp {
  isCurrent(): boolean;
  write(): void;
}

/** Remembers in a file that everything which the inputs ask for is installed. `inputs` are texts: the contents of lock files, versions of tools. */
export function stamp(file: string, inputs: readonly string[]): Stamp {
  const wanted = createHash("sha256").update(JSON.stringify(inputs)).digest("hex");
  return {
    isCurrent() {
      try {
        return readFileSync(file, "utf8") === wanted;
      } catch {
        return false;
      }
    },
    write() {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, wanted);
    },
  };
}
