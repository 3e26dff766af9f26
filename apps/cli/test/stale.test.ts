import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { emulatedProviders } from "./emulated-providers.ts";
import { letterlockIn, type Ran, sharedFolder } from "./letterlock-command.ts";

const emulated = emulatedProviders();

/** What the SDK of Azure asks for before its first request. */
const logsIn: ReadonlySet<string> = new Set(["challenge", "openIdConfiguration", "token"]);

interface Line {
  readonly input: string;
  readonly recipients: readonly {
    readonly keyRef: string;
    readonly keyVersion: string;
    readonly currentVersion: string;
    readonly status: string;
  }[];
}

describe("stale, after rotations", { timeout: 60_000 }, () => {
  const folder = sharedFolder();
  let run: (...words: readonly string[]) => Promise<Ran>;
  beforeAll(() => {
    run = letterlockIn(folder, emulated.providers.environment);
  });

  it.each(["aws", "gcp", "azure", "vault"] as const)(
    "lists the objects of %s, until they are refreshed, for one question",
    async (name) => {
      const { keks, admin } = emulated.providers;
      const kek = keks[`${name.toUpperCase()}_KEK` as keyof typeof keks];
      const rotate = {
        aws: () => admin.aws.rotateKey(kek.replace("aws-kms://", "")),
        gcp: () => admin.gcp.rotateKey(kek.replace("gcp-kms://", "")),
        azure: () => admin.azure.rotateKey(kek.replace("azure-key-vault", "https")),
        vault: () => admin.vault.rotateKey("transit/dev"),
      }[name];
      mkdirSync(join(folder, name));
      for (const file of ["a.txt", "b.txt"]) writeFileSync(join(folder, name, file), file);
      expect((await run("encrypt", name, "--to", kek, "--quiet")).stderr).toBe("");
      await rotate();
      writeFileSync(join(folder, name, "c.txt"), "c");
      expect((await run("encrypt", join(name, "c.txt"), "--to", kek, "--quiet")).status).toBe(0);

      admin[name].takeRequests();
      const found = await run("stale", name, "--with", kek, "--json");
      expect(found.stderr).toBe("");
      expect(found.status).toBe(1);
      const lines = found.stdout
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Line);
      expect(lines.map(({ input }) => input)).toEqual([`${name}/a.txt.ltrl`, `${name}/b.txt.ltrl`]);
      for (const { recipients } of lines) {
        expect(recipients).toMatchObject([{ status: "old" }]);
        expect(recipients[0]?.keyVersion).not.toBe(recipients[0]?.currentVersion);
      }
      const asked = admin[name].takeRequests().map(({ operation }) => operation);
      const question = { aws: "DescribeKey", gcp: "GetCryptoKey", azure: "get", vault: "keys/read" }[name];
      expect(asked.filter((operation) => !logsIn.has(operation))).toEqual([question]);

      expect((await run("refresh", name, "--with", kek, "--quiet")).status).toBe(0);
      expect(await run("stale", name, "--with", kek)).toEqual({ status: 0, stdout: "", stderr: "" });
    },
  );
});
