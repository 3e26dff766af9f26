import { serversAreRequired } from "@letterlock/servers";
import { expect, test } from "vitest";
import type { ClientKit } from "./client-kit.ts";
import type { ClientTest } from "./client-test.ts";
import { startEmulators } from "./emulators.ts";

/** Declares a test for each test of a kit, with the outcome that it had against emulators of its own. */
export async function clientTests(kit: ClientKit): Promise<void> {
  const missing = await kit.missing();
  if (missing !== undefined) return declareMissing(missing);
  await using emulators = await startEmulators();
  declare(await kit.run(emulators.settings));
  const reached = emulators.reached();
  test("reached all four emulators", () => expect(reached).toEqual(["aws-kms", "azure-key-vault", "gcp-kms", "vault-transit"]));
}

/** Declares a test for each of the selected tests of a kit, with the outcome that it had against a server that nobody here wrote. */
export async function clientTestsOn(settings: Readonly<Record<string, string>>, kit: ClientKit, selection: string): Promise<void> {
  const missing = await kit.missing();
  if (missing !== undefined) return declareMissing(missing);
  declare(await kit.run(settings, selection));
}

function declare(results: readonly ClientTest[]): void {
  for (const { name, passed, output } of results) test(name, () => expect.assert(passed, `\n${output}`));
}

/** Where these clients must be, their absence is a failure. Elsewhere it is a skipped test, and a line that says so. */
function declareMissing(reason: string): void {
  // The root scripts show lines that begin like this.
  console.warn(`not run: other people's clients, because ${reason}. To install them: npm run clients:install`);
  test.skipIf(!serversAreRequired())("finds other people's clients", () => expect.fail(reason));
}
