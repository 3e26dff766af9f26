import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { passphraseKek } from "@letterlock/core";
import { beforeEach, describe, expect, it } from "vitest";
import { emulatedProviders } from "./emulated-providers.ts";
import { letterlockIn, type Ran, workFolder } from "./letterlock-command.ts";
import { configure, keyFile, linesOf, openedFiles, sealedFiles } from "./migration-folder.ts";

const emulated = emulatedProviders();

// What is left to do after the run calls no old key: it may be disabled, destroyed, or on a machine that is gone.
describe("old keys that are gone", { timeout: 120_000 }, () => {
  let folder: string;
  const stores = { uploads: { type: "files", folder: "uploads" } };
  const letterlock = (...words: readonly string[]): Promise<Ran> => letterlockIn(folder, {})(...words);

  beforeEach(() => {
    folder = workFolder();
  });

  async function expectVerifiedAndFinished(more: readonly string[] = []): Promise<void> {
    expect(await letterlock("migrate", "references", "--kek", "old", "--json", ...more)).toMatchObject({ status: 0, stderr: "" });
    const verified = await letterlock("migrate", "verify", "--json", ...more);
    expect(verified).toMatchObject({ status: 0, stderr: "" });
    expect(linesOf(verified).stores).toMatchObject([{ verified: { clean: true, withOldRecipients: 3 } }]);
    const finished = await letterlock("migrate", "finish", "--json", ...more);
    expect(finished).toMatchObject({ status: 0, stderr: "" });
    expect(linesOf(finished).stores).toMatchObject([{ removed: { classes: { migrated: 3 } } }]);
  }

  it("are named by a key file that was deleted", async () => {
    const [old, target] = [keyFile(folder, "old"), keyFile(folder, "new")];
    await sealedFiles(join(folder, "uploads"), 3, [old]);
    const keks = { old: "local:old.key#old", new: "local:new.key" };
    configure(folder, { keks, from: ["old"], to: ["new"], stores });
    expect(await letterlock("migrate", "run", "--keep")).toMatchObject({ status: 0, stderr: "" });
    rmSync(join(folder, "old.key"));
    configure(folder, { keks: { ...keks, old: "local:old.key" }, from: ["old"], to: ["new"], stores });
    for (const words of [["verify"], ["finish"], ["references", "--kek", "old"]]) {
      const refused = await letterlock("migrate", ...words);
      expect(refused.stderr).toContain("the name of the key is all that is needed of it here: write local:PATH#NAME");
      expect(refused.status).toBe(2);
    }
    configure(folder, { keks, from: ["old"], to: ["new"], stores });
    await expectVerifiedAndFinished();
    expect(await openedFiles(join(folder, "uploads"), target)).toBe(3);
    expect(await openedFiles(join(folder, "uploads"), old)).toBe(0);
  });

  it("are in a Vault that there is no token for", async () => {
    const { keks, environment, admin } = emulated.providers;
    keyFile(folder, "first");
    keyFile(folder, "new");
    await sealedFiles(join(folder, "uploads"), 3, [keyFile(folder, "first")]);
    const configuration = { keks: { first: "local:first.key", old: keks.VAULT_KEK, new: "local:new.key" }, stores };
    writeFileSync(join(folder, "named.json"), JSON.stringify({ ...configuration, from: ["old"], to: ["new"] }));
    const named = ["--config", "named.json"];
    const withToken = letterlockIn(folder, environment);
    expect(await withToken("migrate", "run", ...named, "--from", "first", "--to", "old")).toMatchObject({ status: 0, stderr: "" });
    expect(await withToken("migrate", "run", ...named, "--keep")).toMatchObject({ status: 0, stderr: "" });
    admin.vault.takeRequests();
    await expectVerifiedAndFinished(named);
    expect(admin.vault.takeRequests()).toEqual([]);
    expect((await letterlock("migrate", "run", ...named)).stderr).toContain("need a token: set VAULT_TOKEN");
  });

  it("are a passphrase that nobody is asked for", async () => {
    const target = keyFile(folder, "new");
    await sealedFiles(join(folder, "uploads"), 3, [passphraseKek({ name: "old", passphrase: "correct horse" }), target]);
    configure(folder, { keks: { old: "passphrase:old", new: "local:new.key" }, from: ["old"], to: ["new"], stores });
    writeFileSync(join(folder, "passphrase"), "correct horse");
    expect(await letterlock("migrate", "verify", "--passphrase-file", "passphrase")).toMatchObject({ status: 0, stderr: "" });
    await expectVerifiedAndFinished();
  });

  it("still open an intermediate key of the target", async () => {
    const old = keyFile(folder, "old");
    await sealedFiles(join(folder, "uploads"), 3, [old]);
    const made = await letterlock("keygen", "--intermediate", "--to", "local:old.key", "-o", "team.ltrlk");
    configure(folder, { keks: { old: "local:old.key", team: made.stdout.trim() }, from: ["old"], to: ["team"], stores });
    for (const step of [["run", "--keep"], ["verify"], ["finish"]])
      expect(await letterlock("migrate", ...step)).toMatchObject({ status: 0, stderr: "" });
  });

  it("are at a provider that there are no credentials for", async () => {
    keyFile(folder, "new");
    await sealedFiles(join(folder, "uploads"), 3, [keyFile(folder, "new")]);
    const old = emulated.providers.keks.GCP_KEK;
    configure(folder, { keks: { old, new: "local:new.key" }, from: ["old"], to: ["new"], stores });
    expect(await letterlock("migrate", "verify")).toMatchObject({ status: 0, stderr: "" });
    expect(await letterlock("migrate", "finish")).toMatchObject({ status: 0, stderr: "" });
  });
});
