import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { emulatedProviders } from "./emulated-providers.ts";
import { letterlock, letterlockIn, type Ran, sharedFolder, workFolder } from "./letterlock-command.ts";

const emulated = emulatedProviders();
const kekNames = ["AWS_KEK", "GCP_KEK", "AZURE_KEK", "VAULT_KEK"] as const;

describe("a folder sealed for four providers", { timeout: 60_000 }, () => {
  const folder = sharedFolder();
  let run: (...words: readonly string[]) => Promise<Ran>;
  let keks: Readonly<Record<(typeof kekNames)[number], string>>;
  const contents = { "one.txt": "one", "deep/two.txt": "two" };

  beforeAll(async () => {
    const { environment } = emulated.providers;
    ({ keks } = emulated.providers);
    run = letterlockIn(folder, environment);
    mkdirSync(join(folder, "files/deep"), { recursive: true });
    for (const [name, text] of Object.entries(contents)) writeFileSync(join(folder, "files", name), text);
    const sealing = await run(
      "encrypt",
      "files",
      "--to",
      ...kekNames.map((name) => keks[name]),
      "--context",
      "tenant=acme",
      "-o",
      "sealed",
    );
    expect(sealing).toMatchObject({ status: 0, stderr: "" });
  }, 60_000);

  const opened = (out: string): Record<string, string> =>
    Object.fromEntries(Object.keys(contents).map((name) => [name, readFileSync(join(folder, out, name), "utf8")]));

  it.each(kekNames)("opens with %s alone", async (name) => {
    const opening = await run("decrypt", "sealed", "--with", keks[name], "--context", "tenant=acme", "-o", name);
    expect(opening).toMatchObject({ status: 0, stderr: "" });
    expect(opened(name)).toEqual(contents);
  });

  it("verifies every recipient", async () => {
    const { status, stdout } = await run("verify", "sealed/one.txt.ltrl", "--with", ...Object.values(keks), "--context", "tenant=acme");
    expect(stdout).toContain("every recipient opens it");
    expect(status).toBe(0);
  });

  it("opens with the next KEK when a provider is down, and says so", async () => {
    const { admin } = emulated.providers;
    admin.aws.fail({ as: "unavailable", times: Infinity });
    admin.vault.fail({ as: "reset", times: Infinity });
    try {
      const { AWS_KEK, VAULT_KEK, AZURE_KEK } = keks;
      const one = ["sealed/one.txt.ltrl", "--context", "tenant=acme", "-o", "-"];
      const { status, stdout, stderr } = await run("decrypt", ...one, "--with", AWS_KEK, VAULT_KEK, AZURE_KEK);
      expect(stdout).toBe("one");
      expect(stderr.match(/ failed \(unavailable\), another KEK opened it/g)).toHaveLength(2);
      expect(status).toBe(0);
      const none = await run("decrypt", ...one, "--with", AWS_KEK, VAULT_KEK);
      expect(none.stderr).toContain("unavailable");
      expect(none.status).toBe(5);
    } finally {
      admin.aws.clearFaults();
      admin.vault.clearFaults();
    }
  });

  it("is refreshed after a rotation, and opens with each", async () => {
    const { admin } = emulated.providers;
    admin.aws.rotateKey(keks.AWS_KEK.replace("aws-kms://", ""));
    admin.gcp.rotateKey(keks.GCP_KEK.replace("gcp-kms://", ""));
    await admin.azure.rotateKey(keks.AZURE_KEK.replace("azure-key-vault:", "https:"));
    admin.vault.rotateKey("transit/dev");
    const refreshing = await run("refresh", "sealed/one.txt.ltrl", "--with", ...Object.values(keks), "--context", "tenant=acme", "--json");
    expect(refreshing).toMatchObject({ status: 0, stderr: "" });
    const { recipients } = JSON.parse(refreshing.stdout) as {
      recipients: { provider: string; from: string; to: string; status: string }[];
    };
    expect(recipients).toHaveLength(4);
    for (const { provider, from, to, status } of recipients) {
      expect(status, provider).toMatch(/^(rewrapped|wrapped-again)$/);
      expect(to, provider).not.toBe(from);
    }
    for (const kek of Object.values(keks)) {
      const { stdout } = await run("decrypt", "sealed/one.txt.ltrl", "--with", kek, "--context", "tenant=acme", "-o", "-");
      expect(stdout).toBe("one");
    }
  });

  it("tells denied access from a missing key, by its exit status", async () => {
    const { admin } = emulated.providers;
    admin.gcp.deny({ operation: "Decrypt" });
    try {
      const denied = await run("decrypt", "sealed/one.txt.ltrl", "--with", keks.GCP_KEK, "--context", "tenant=acme", "-o", "-", "--json");
      expect(JSON.parse(denied.stderr)).toMatchObject({ code: "access-denied", exitStatus: 4 });
      expect(denied.status).toBe(4);
    } finally {
      admin.gcp.allowAll();
    }
    const missing = await run("encrypt", "files/one.txt", "--to", keks.VAULT_KEK.replace("/dev", "/nothing"), "--json");
    expect(missing.status).toBe(4);
  });
});

describe("what a provider's KEK takes from the environment", { timeout: 60_000 }, () => {
  const vault = "vault-transit://127.0.0.1:1/transit/dev?tls=false";

  it.each([
    ["VAULT_TOKEN", [vault], {}, "KEKs of vault-transit need a token: set VAULT_TOKEN"],
    [
      "VAULT_CACERT",
      [vault],
      { VAULT_TOKEN: "t", VAULT_CACERT: "nothing.pem" },
      "VAULT_CACERT names nothing.pem, which cannot be read: ENOENT",
    ],
    ["AZURE_AUTHORITY_HOST", ["azure-key-vault://127.0.0.1:1/keys/dev"], {}, "set the variables that `letterlock emulators` prints"],
    [
      "another AZURE_AUTHORITY_HOST",
      ["azure-key-vault://127.0.0.1:1/keys/dev"],
      { AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com" },
      "set the variables that `letterlock emulators` prints",
    ],
    [
      "LETTERLOCK_GCP_KMS_EMULATOR_HOST",
      ["gcp-kms://projects/p/locations/l/keyRings/r/cryptoKeys/k"],
      { LETTERLOCK_GCP_KMS_EMULATOR_HOST: "kms.example.com:443" },
      "LETTERLOCK_GCP_KMS_EMULATOR_HOST: an emulator is on this machine: write 127.0.0.1:PORT",
    ],
  ])("%s is checked", async (_, keks, environment, message) => {
    const { status, stderr } = await letterlockIn(workFolder(), environment)("encrypt", "-", "--to", ...keks);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it("is not asked of a command that names no provider", async () => {
    const folder = workFolder();
    await letterlock(folder, ["keygen", "--name", "dev", "-o", "dev.key"]);
    const run = letterlockIn(folder, { LETTERLOCK_GCP_KMS_EMULATOR_HOST: "nonsense", VAULT_CACERT: "nothing.pem" });
    expect(await run("encrypt", "dev.key", "--to", "local:dev.key")).toMatchObject({ status: 0, stderr: "" });
  });
});
