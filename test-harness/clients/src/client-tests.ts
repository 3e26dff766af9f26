import { expect, test } from "vitest";
import type { ClientKit } from "./client-kit.ts";
import { startEmulators } from "./emulators.ts";

/** Declares a test for each test of a kit, with the outcome that it had against emulators of its own. */
export async function clientTests(kit: ClientKit): Promise<void> {
  const missing = await kit.missing();
  if (missing !== undefined) return declareMissing(`${missing}: run test-harness/clients/src/install.ts`);
  await using emulators = await startEmulators();
  const results = await kit.run(emulators.settings);
  for (const { name, passed, output } of results) test(name, () => expect.assert(passed, `\n${output}`));
  const reached = emulators.reached();
  test("reached all four emulators", () => expect(reached).toEqual(["aws-kms", "azure-key-vault", "gcp-kms", "vault-transit"]));
}

/** Where these clients must be, their absence is a failure. Elsewhere it is a line that says so. */
function declareMissing(reason: string): void {
  console.warn(`not run: ${reason}`);
  test(`may leave these clients out: ${reason}`, () => expect(process.env.LETTERLOCK_SERVERS).not.toBe("required"));
}
