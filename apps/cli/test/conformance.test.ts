import { describe, expect, it } from "vitest";
import { emulatedProviders } from "./emulated-providers.ts";
import { letterlock, letterlockIn, sharedFolder } from "./letterlock-command.ts";

interface Result {
  readonly id: string;
  readonly outcome: "passed" | "failed" | "unproven";
  readonly reason?: string;
  readonly explanation?: string;
}

const emulated = emulatedProviders();
const folder = sharedFolder();

/** The results of the cases, and the totals of the last line. */
function parse(stdout: string): { readonly results: readonly Result[]; readonly totals: object } {
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as object);
  return { results: lines.slice(0, -1) as Result[], totals: lines.at(-1) ?? {} };
}

const count = (results: readonly Result[], outcome: Result["outcome"]) => results.filter((result) => result.outcome === outcome).length;

describe("letterlock conformance", { timeout: 120_000 }, () => {
  it.each<[string, () => Promise<readonly [string, string]>]>([
    [
      "local keys",
      async () => {
        for (const name of ["a", "b"]) await letterlock(folder, ["keygen", "--name", name, "-o", `${name}.key`]);
        return ["local:a.key", "local:b.key"];
      },
    ],
    [
      "aws-kms",
      async () => {
        const { admin, keks } = emulated.providers;
        return [keks.AWS_KEK, `aws-kms://${await admin.aws.createKey({ region: "eu-west-1" })}`];
      },
    ],
    ["gcp-kms", async () => [emulated.providers.keks.GCP_KEK, `gcp-kms://${emulated.providers.admin.gcp.createKey()}`]],
    [
      "azure-key-vault",
      async () => {
        const { admin, keks } = emulated.providers;
        await admin.azure.createKey({ name: "other" });
        return [keks.AZURE_KEK, keks.AZURE_KEK.replace("/dev", "/other")];
      },
    ],
    [
      "vault-transit",
      async () => {
        const { admin, keks } = emulated.providers;
        admin.vault.createKey({ name: "other" });
        return [keks.VAULT_KEK, keks.VAULT_KEK.replace("/dev", "/other")];
      },
    ],
  ])("finds that %s keep the contract", async (_, keys) => {
    const run = letterlockIn(folder, emulated.providers.environment);
    const { status, stdout, stderr } = await run("conformance", ...(await keys()), "--json");
    const { results, totals } = parse(stdout);
    expect(results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
    expect(totals).toEqual({ passed: count(results, "passed"), failed: 0, unproven: count(results, "unproven") });
    expect(count(results, "passed")).toBeGreaterThan(50);
    for (const { outcome, reason } of results) if (outcome === "unproven") expect(reason).toBeTruthy();
    expect(results.find(({ id }) => id === "other-key")?.outcome).toBe("passed");
    expect(stderr).toBe("");
    expect(status).toBe(0);
  });

  it("tells which cases fail, and ends with 1", async () => {
    const { admin, environment, keks } = emulated.providers;
    const other = admin.gcp.createKey();
    admin.gcp.fail({ operation: "Decrypt", as: "wrong-length", times: Infinity });
    try {
      const { status, stdout, stderr } = await letterlockIn(folder, environment)("conformance", keks.GCP_KEK, `gcp-kms://${other}`);
      expect(stdout).toMatch(/^failed {4}round-trip +it unwraps the data key that it wrapped\n {10}\S/m);
      expect(stdout).toMatch(/^\d+ passed, \d+ failed, \d+ unproven$/m);
      expect(stderr).toMatch(/^letterlock: \d+ cases failed\n$/);
      expect(status).toBe(1);
    } finally {
      admin.gcp.clearFaults();
    }
  });

  it("wants two keys of one provider", async () => {
    const { environment, keks } = emulated.providers;
    const run = letterlockIn(folder, environment);
    const same = await run("conformance", keks.VAULT_KEK, keks.VAULT_KEK);
    expect(same.stderr).toBe("letterlock: the suite takes two keys, and both are vault-transit transit/dev\n");
    const mixed = await run("conformance", keks.VAULT_KEK, keks.GCP_KEK);
    expect(mixed.stderr).toBe("letterlock: the suite takes two keys of one provider, not of vault-transit and gcp-kms\n");
    expect([same.status, mixed.status, (await run("conformance", keks.VAULT_KEK)).status]).toEqual([2, 2, 2]);
  });
});
