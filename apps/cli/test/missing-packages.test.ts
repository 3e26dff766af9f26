import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// An installation of letterlock alone, as npm makes it where no optional package is asked for.
const folder = mkdtempSync(join(tmpdir(), "letterlock-alone-"));
const here = join(import.meta.dirname, "..");
beforeAll(() => {
  for (const name of ["package.json", "src"]) cpSync(join(here, name), join(folder, name), { recursive: true });
  for (const name of ["@letterlock/core", "commander", "tinyglobby", "valibot"]) install(name);
  writeFileSync(join(folder, "a.txt"), "hello");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function install(name: string): void {
  const place = join(folder, "node_modules", name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(realpathSync(join(here, "node_modules", name)), place);
}

function letterlock(...words: string[]): { readonly status: number | null; readonly stderr: string } {
  const main = join(folder, "src/main.ts");
  return spawnSync(process.execPath, ["--conditions=source", main, ...words], { cwd: folder, encoding: "utf8" });
}

const aws = "aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234";

describe("without the optional packages", { timeout: 60_000 }, () => {
  it("everything that needs no provider works", () => {
    for (const words of [
      ["--version"],
      ["--help"],
      ["keygen", "--name", "dev", "-o", "dev.key"],
      ["encrypt", "a.txt", "--to", "local:dev.key"],
      ["verify", "a.txt.ltrl", "--with", "local:dev.key", "--payload"],
    ]) {
      expect(letterlock(...words)).toMatchObject({ status: 0, stderr: "" });
    }
  });

  it.each([
    [["encrypt", "a.txt", "--to", aws], "KEKs of aws-kms need", "@letterlock/aws-kms @aws-sdk/client-kms"],
    [
      ["encrypt", "a.txt", "--to", "gcp-kms://projects/p/locations/l/keyRings/r/cryptoKeys/k"],
      "KEKs of gcp-kms need",
      "@letterlock/gcp-kms @google-cloud/kms",
    ],
    [
      ["decrypt", "a.txt.ltrl", "--with", "azure-key-vault://acme.vault.azure.net/keys/k", "-o", "b.txt"],
      "KEKs of azure-key-vault need",
      "@letterlock/azure-key-vault @azure/keyvault-keys @azure/identity",
    ],
    [["encrypt", "a.txt", "--to", "vault-transit://v.example.com/transit/k"], "KEKs of vault-transit need", "@letterlock/vault-transit"],
    [["doctor", "local:dev.key"], "doctor needs", "@letterlock/conformance"],
    [["conformance", "passphrase:a", "passphrase:b", "--passphrase-file", "a.txt"], "conformance needs", "@letterlock/conformance"],
    [["emulators"], "the emulators are in", "@letterlock/emulators"],
    [["stale", "--key-store", "file:keys", "--with", "local:dev.key"], "key stores of file need", "@letterlock/keyring"],
    [["refresh", "--key-store", "postgres://db/app", "--with", "local:dev.key"], "key stores of postgres need", "@letterlock/keyring pg"],
    [["stale", "--key-store", "redis://cache", "--with", "local:dev.key"], "key stores of redis need", "@letterlock/keyring ioredis"],
    [
      ["refresh", "--key-store", "dynamodb://keys", "--with", "local:dev.key"],
      "key stores of dynamodb need",
      "@letterlock/keyring @aws-sdk/client-dynamodb @aws-sdk/lib-dynamodb",
    ],
  ])("%j says what to install", (words, purpose, packages) => {
    const { status, stderr } = letterlock(...words);
    expect(stderr).toContain(purpose);
    expect(stderr).toContain(`run npm install ${packages} (with --global where letterlock is global)\n`);
    expect(status).toBe(2);
  });

  it("names only what is missing", () => {
    install("@letterlock/aws-kms");
    const { status, stderr } = letterlock("encrypt", "a.txt", "--to", aws);
    expect(stderr).toContain("run npm install @aws-sdk/client-kms (");
    expect(status).toBe(2);
  });
});
