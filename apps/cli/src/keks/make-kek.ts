import { readFile } from "node:fs/promises";
import { inspect, intermediateKek, type Kek, passphraseKek } from "@letterlock/core";
import { usage } from "../failure.ts";
import { providerSource } from "./adapters.ts";
import type { KekSource, SourceOptions } from "./kek-source.ts";
import type { KekUri } from "./kek-uri.ts";
import { keyFileKek } from "./key-file.ts";
import type { NextPassphrase } from "./passphrase-source.ts";

type IntermediateUri = Extract<KekUri, { provider: "intermediate" }>;

/** How long the key of an intermediate KEK stays in memory: as long as a command on many files reasonably runs. */
const intermediateMaxAgeMs = 15 * 60_000;

export async function makeSource(
  uri: Exclude<KekUri, IntermediateUri>,
  { next, purpose, options }: { readonly next: NextPassphrase; readonly purpose: "open" | "new"; readonly options: SourceOptions },
): Promise<KekSource> {
  if (uri.provider === "local") {
    const create = (): Kek => keyFileKek(uri.path, uri.name);
    // A key file that is not there, or that others can read, is an error now.
    create();
    return unconnected(create);
  }
  if (uri.provider === "passphrase") {
    const passphrase = await next(uri.name, purpose);
    return unconnected(() => passphraseKek({ name: uri.name, passphrase }));
  }
  return providerSource(uri, options);
}

/** `keks` open it. */
export async function makeIntermediate({ path, keyId }: IntermediateUri, keks: readonly Kek[]): Promise<KekSource> {
  if (keks.length === 0) throw usage(`intermediate:${path} needs the KEKs that open it: --with KEK, or "open" in the configuration`);
  const blob = await readFile(path);
  const info = inspect(blob);
  if (info.type !== "key-blob") throw usage(`${path} is no key blob`);
  // The keyId commits to the context (SPEC section 4), and the keyId is pinned: these values can be taken from the blob.
  const { context } = info.header;
  const created: Disposable[] = [];
  return {
    create() {
      const kek = intermediateKek({ keyId, blob, keks, context, maxAgeMs: intermediateMaxAgeMs });
      created.push(kek);
      return kek;
    },
    async close() {
      for (const kek of created) kek[Symbol.dispose]();
    },
  };
}

function unconnected(create: () => Kek): KekSource {
  return { create, close: async () => {} };
}
