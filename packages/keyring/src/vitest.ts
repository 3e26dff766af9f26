import { describe, test } from "vitest";
import type { KeyStore } from "./key-store.ts";
import { keyStoreCases } from "./key-store-cases.ts";

/** Registers a test for each case. `open` gives one more client of the same store. A case may take a minute. */
export function testKeyStore(name: string, open: () => Promise<KeyStore>): void {
  describe(name, () => {
    for (const { title, run } of keyStoreCases) test(title, { timeout: 60_000 }, () => run(open));
  });
}
