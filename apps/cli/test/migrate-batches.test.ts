import { join } from "node:path";
import { beforeEach, expect, it } from "vitest";
import { emulatedProviders } from "./emulated-providers.ts";
import { letterlockIn, workFolder } from "./letterlock-command.ts";
import { configure, keyFile, sealedFiles } from "./migration-folder.ts";

const emulated = emulatedProviders();
let folder: string;
beforeEach(() => {
  folder = workFolder();
});

it("sends calls that are made at the same time to Vault together", { timeout: 120_000 }, async () => {
  const { keks, environment, admin } = emulated.providers;
  await sealedFiles(join(folder, "uploads"), 100, [keyFile(folder, "old")]);
  configure(folder, {
    keks: { old: "local:old.key", new: keks.VAULT_KEK },
    from: ["old"],
    to: ["new"],
    stores: { uploads: { type: "files", folder: "uploads" } },
  });
  const run = letterlockIn(folder, { ...environment, VAULT_ADDR: new URL(keks.VAULT_KEK.replace("vault-transit", "http")).origin });
  admin.vault.takeRequests();
  // A request takes as long as in a network, so that calls meet whatever else this machine does.
  admin.vault.fail({ as: "slow", afterMs: 30, times: Number.POSITIVE_INFINITY });
  const { status, stdout } = await run("migrate", "run");
  expect([status, stdout]).toEqual([0, expect.stringContaining("100 migrated")]);
  const requests = admin.vault.takeRequests();
  for (const operation of ["encrypt", "decrypt"]) {
    const count = requests.filter((request) => request.operation === operation).length;
    expect(count, operation).toBeGreaterThan(0);
    expect(count, operation).toBeLessThan(50);
  }
});
