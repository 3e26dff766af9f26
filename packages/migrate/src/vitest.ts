import { describe, test } from "vitest";
import { storeCases } from "./store-cases.ts";
import type { StoreSubject } from "./store-subject.ts";

/** Registers a test for each case of the contract of `EnvelopeStore`. `create` makes an empty store, for every case another. A case may take a minute. */
export function testStore(name: string, create: () => Promise<StoreSubject>): void {
  describe(name, () => {
    for (const { title, skip, run } of storeCases) {
      test(title, { timeout: 60_000 }, async (context) => {
        const subject = await create();
        const reason = skip?.(subject);
        if (reason !== undefined) context.skip(reason);
        await run(subject);
      });
    }
  });
}
