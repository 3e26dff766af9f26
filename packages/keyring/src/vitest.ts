import { describe, test } from "vitest";
import type { KeyStore } from "./key-store.ts";
import { keyStoreCases } from "./key-store-cases.ts";

/** Registers a test for each case. `open` gives one more client of the same store. */
export function testKeyStore(name: string, open: () => Promise<KeyStore>): void {
  describe(name, () => {
    for (const { title, run } of keyStoreCases) test(title, () => run(open));
  });
}
