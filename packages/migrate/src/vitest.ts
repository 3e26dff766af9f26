import { describe, test } from "vitest";
import { storeCases } from "./store-cases.ts";
import type { StoreSubject } from "./store-subject.ts";

/** Registers a test for each case of the contract of `EnvelopeStore`. `create` makes an empty store, for every case another. A case may take a minute. */
export function testStore(name: string, create: () => Promise<StoreSubject>): void {
  describe(name, () => {
    for (const { title, run } of storeCases) test(title, { timeout: 60_000 }, async () => run(await create()));
  });
}
