import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GetKeyPolicyCommand, KMSClient, PutKeyPolicyCommand } from "@aws-sdk/client-kms";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { emulatedProviders } from "./emulated-providers.ts";
import { letterlock, letterlockIn, sharedFolder } from "./letterlock-command.ts";

interface Said {
  readonly operations: readonly {
    readonly operation: string;
    readonly status: string;
    readonly permittedOnly?: true;
    readonly explanation?: string;
  }[];
  readonly behaviour: { readonly passed: number; readonly failed: number } | null;
  readonly notChecked: readonly string[];
  readonly missing: { readonly document: string } | null;
}

const emulated = emulatedProviders();
const folder = sharedFolder();
type KekName = "AWS_KEK" | "GCP_KEK" | "AZURE_KEK" | "VAULT_KEK";

async function doctor(kek: KekName, words: readonly string[] = [], environment: Readonly<Record<string, string>> = {}) {
  const { environment: own, keks } = emulated.providers;
  const { status, stdout, stderr } = await letterlockIn(folder, { ...own, ...environment })("doctor", keks[kek], "--json", ...words);
  return { status, stderr, said: JSON.parse(stdout) as Said };
}

const statuses = ({ operations }: Said) => Object.fromEntries(operations.map(({ operation, status }) => [operation, status]));

afterEach(() => {
  const { admin } = emulated.providers;
  for (const one of Object.values(admin)) {
    one.allowAll();
    one.clearFaults();
  }
});

describe("letterlock doctor", { timeout: 60_000 }, () => {
  it.each<[KekName, readonly string[]]>([
    ["AWS_KEK", ["wrap", "generate", "unwrap", "rewrap", "currentVersion"]],
    ["GCP_KEK", ["wrap", "unwrap", "currentVersion"]],
    ["AZURE_KEK", ["wrap", "unwrap", "currentVersion"]],
    ["VAULT_KEK", ["wrap", "unwrap", "currentVersion"]],
  ])("finds nothing wrong with %s", async (kek, operations) => {
    const { status, stderr, said } = await doctor(kek);
    expect(stderr).toBe("");
    expect(statuses(said)).toEqual(Object.fromEntries(operations.map((operation) => [operation, "ok"])));
    expect(said.behaviour).toMatchObject({ failed: 0 });
    expect(said.behaviour?.passed).toBeGreaterThan(40);
    expect(said.missing).toBeNull();
    expect(status).toBe(0);
  });

  it.each<[KekName, keyof typeof emulated.providers.admin, string, string, string]>([
    ["AWS_KEK", "aws", "Encrypt", "wrap", "kms:Encrypt"],
    ["AWS_KEK", "aws", "GenerateDataKey", "generate", "kms:GenerateDataKey"],
    ["AWS_KEK", "aws", "Decrypt", "unwrap", "kms:Decrypt"],
    ["AWS_KEK", "aws", "ReEncrypt", "rewrap", "kms:ReEncryptTo"],
    ["AWS_KEK", "aws", "DescribeKey", "currentVersion", "kms:DescribeKey"],
    ["GCP_KEK", "gcp", "Encrypt", "wrap", "roles/cloudkms.cryptoKeyEncrypter"],
    ["GCP_KEK", "gcp", "Decrypt", "unwrap", "roles/cloudkms.cryptoKeyDecrypter"],
    ["GCP_KEK", "gcp", "GetCryptoKey", "currentVersion", "roles/cloudkms.viewer"],
    ["AZURE_KEK", "azure", "wrapKey", "wrap", "Microsoft.KeyVault/vaults/keys/wrap/action"],
    ["AZURE_KEK", "azure", "unwrapKey", "unwrap", "Microsoft.KeyVault/vaults/keys/unwrap/action"],
    ["AZURE_KEK", "azure", "get", "currentVersion", "Microsoft.KeyVault/vaults/keys/read"],
  ])("tells what %s lacks when %s denies %s", async (kek, service, denied, operation, permission) => {
    const { admin } = emulated.providers;
    (admin[service].deny as (rule: { operation: string }) => void)({ operation: denied });
    const { status, stderr, said } = await doctor(kek);
    expect(statuses(said)).toMatchObject({ [operation]: "access-denied" });
    expect(Object.values(statuses(said)).filter((found) => found !== "ok")).toHaveLength(1);
    expect(said.missing?.document).toContain(permission);
    expect(JSON.parse(stderr)).toMatchObject({ code: "access-denied", exitStatus: 4 });
    expect(status).toBe(4);
  });

  it("does not mind what is not asked for", async () => {
    emulated.providers.admin.gcp.deny({ operation: "Encrypt" });
    emulated.providers.admin.gcp.deny({ operation: "GetCryptoKey" });
    const { status, said } = await doctor("GCP_KEK", ["--for", "open"]);
    expect(said.operations).toEqual([{ operation: "unwrap", status: "ok", permittedOnly: true }]);
    expect(said.notChecked.join("\n")).toContain("made-up bytes were refused as such");
    expect(status).toBe(0);
    expect((await doctor("GCP_KEK", ["--for", "open", "--for", "seal"])).status).toBe(4);
  });

  it("sees that unwrapping is denied even where nothing can be wrapped", async () => {
    for (const operation of ["wrapKey", "unwrapKey"] as const) emulated.providers.admin.azure.deny({ operation });
    const { said } = await doctor("AZURE_KEK");
    expect(statuses(said)).toMatchObject({ wrap: "access-denied", unwrap: "access-denied" });
  });

  it("tells credentials that are not accepted from those that lack a permission", async () => {
    emulated.providers.admin.azure.deny({ operation: "token" });
    const { status, said } = await doctor("AZURE_KEK");
    expect(said.operations[0]?.explanation).toContain("does not accept the credentials");
    expect(said.missing).toBeNull();
    expect(status).toBe(4);
  });

  it("tells a provider that does not answer", async () => {
    emulated.providers.admin.aws.fail({ as: "reset", times: Infinity });
    const { status, said } = await doctor("AWS_KEK");
    expect(said.operations[0]).toMatchObject({ status: "unavailable", explanation: expect.stringContaining("ECONNRESET") });
    expect(said.behaviour).toBeNull();
    expect(status).toBe(5);
  });

  it("tells a key that is disabled", async () => {
    const { admin, keks } = emulated.providers;
    const key = keks.GCP_KEK.replace("gcp-kms://", "");
    admin.gcp.disableKey(key);
    const { status, said } = await doctor("GCP_KEK");
    admin.gcp.enableKey(key);
    expect(statuses(said).wrap).toBe("kek-unusable");
    expect(status).toBe(4);
  });

  it("tells a provider that breaks the contract", async () => {
    emulated.providers.admin.gcp.fail({ operation: "Decrypt", as: "wrong-length", times: Infinity });
    const { status, said } = await doctor("GCP_KEK");
    expect(statuses(said).unwrap).not.toBe("ok");
    expect(status).not.toBe(0);
  });

  it("wraps with the context that a key policy demands", async () => {
    const { environment, keks } = emulated.providers;
    const KeyId = keks.AWS_KEK.replace("aws-kms://", "");
    const credentials = { accessKeyId: "emulated", secretAccessKey: "emulated" };
    const client = new KMSClient({ region: "eu-west-1", endpoint: environment.AWS_ENDPOINT_URL_KMS ?? "", credentials });
    const { Policy = "" } = await client.send(new GetKeyPolicyCommand({ KeyId }));
    const strict = JSON.parse(Policy) as { Statement: object[] };
    const demand = {
      Effect: "Deny",
      Principal: { AWS: "*" },
      Action: ["kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:ReEncrypt*"],
      Resource: "*",
      Condition: { StringNotEquals: { "kms:EncryptionContext:tenant": "acme" } },
    };
    strict.Statement.push(demand);
    await client.send(new PutKeyPolicyCommand({ KeyId, Policy: JSON.stringify(strict) }));
    const without = await doctor("AWS_KEK");
    const right = await doctor("AWS_KEK", ["--context", "tenant=acme"]);
    await client.send(new PutKeyPolicyCommand({ KeyId, Policy }));
    client.destroy();
    expect(without.status).toBe(4);
    expect(right.said.notChecked.join("\n")).toMatch(/\d+ cases: their contexts are denied/);
    expect(right.said.behaviour).toMatchObject({ failed: 0 });
    expect(right.status).toBe(0);
  });

  it("prints no credentials and no secrets", async () => {
    const { environment } = emulated.providers;
    const secrets = { AWS_SECRET_ACCESS_KEY: "aws-secret-1", AZURE_CLIENT_SECRET: "azure-secret-2", VAULT_TOKEN: "hvs.vault-secret-3" };
    for (const kek of ["AWS_KEK", "AZURE_KEK", "VAULT_KEK"] as const) {
      const run = letterlockIn(folder, { ...environment, ...secrets });
      const { stdout, stderr } = await run("doctor", emulated.providers.keks[kek], "--debug");
      for (const secret of Object.values(secrets)) expect(stdout + stderr).not.toContain(secret);
    }
  });
});

describe("letterlock doctor on Vault", { timeout: 60_000 }, () => {
  const withToken = (policy: string, words: readonly string[] = [], ttlMs?: number) => {
    const { vault } = emulated.providers.admin;
    vault.putPolicy("tested", policy);
    return doctor("VAULT_KEK", words, {
      VAULT_TOKEN: vault.createToken({ policies: ["tested"], ...(ttlMs === undefined ? {} : { ttlMs }) }),
    });
  };
  const may = (path: string, capability: string) => `path "transit/${path}" {\n  capabilities = ["${capability}"]\n}\n`;

  it("prints the policy that a token lacks, and it is enough", async () => {
    const { status, said } = await withToken("");
    expect(statuses(said)).toEqual({ wrap: "access-denied", unwrap: "access-denied", currentVersion: "access-denied" });
    expect(status).toBe(4);
    const after = await withToken(said.missing?.document ?? "");
    expect(after.said.behaviour).toMatchObject({ failed: 0 });
    expect(after.status).toBe(0);
  });

  const notTried = "not tried, because it would make the key if there is none of that name";

  it.each([
    ["plain", "create", ""],
    ["derived", "create", "derived=true&"],
    ["plain", "whose token may not ask what it may", ""],
  ])("makes no key of a name that is mistyped: %s, %s", async (kind, capability, parameter) => {
    const { admin, environment, keks } = emulated.providers;
    const name = `mistyped-${kind}-${capability.length}`;
    const path = `transit/encrypt/${name}`;
    const policy =
      capability === "create"
        ? 'path "transit/encrypt/*" { capabilities = ["create", "update"] }'
        : 'path "transit/encrypt/*" { capabilities = ["update"] } path "sys/capabilities-self" { capabilities = ["deny"] }';
    admin.vault.putPolicy("sealing-anything", policy);
    const kek = keks.VAULT_KEK.replace("/dev?", `/${name}?${parameter}`);
    const VAULT_TOKEN = admin.vault.createToken({ policies: ["sealing-anything"] });
    for (const words of [
      ["doctor", kek, "--for", "seal"],
      ["doctor", kek],
      ["conformance", kek, keks.VAULT_KEK],
    ]) {
      const { status, stdout, stderr } = await letterlockIn(folder, { ...environment, VAULT_TOKEN })(...words);
      expect(stdout + stderr).toContain(notTried);
      expect(stdout + stderr).toContain(`grant read on transit/keys/${name}, and update alone on ${path}`);
      expect(status).toBe(4);
      if (words[0] === "doctor") expect(stdout).toContain(may(`keys/${name}`, "read").trim());
    }
    const { stdout } = await letterlockIn(folder, environment)("doctor", kek);
    expect(stdout).toContain("kek-not-found  wrap");
  });

  it("wraps with a token that could make keys where it sees that this one is there", async () => {
    for (const more of [may("keys/dev", "read"), may("decrypt/dev", "update")]) {
      const { said } = await withToken(`path "transit/encrypt/dev" { capabilities = ["create", "update"] }\n${more}`);
      expect(statuses(said).wrap).toBe("ok");
    }
  });

  it("prints what is missing beside what is there", async () => {
    const { said } = await withToken(may("encrypt/dev", "update") + may("keys/dev", "read"));
    expect(said.missing?.document).toBe(may("decrypt/dev", "update").trim());
    expect(said.operations.find(({ operation }) => operation === "unwrap")?.explanation).toContain(
      "the credentials lack update on transit/decrypt/dev",
    );
  });

  it("tells a token that has expired from one that lacks a permission", async () => {
    const { vault } = emulated.providers.admin;
    const token = vault.createToken({ policies: ["root"], ttlMs: 1000 });
    vault.advanceMs(2000);
    const { status, said } = await doctor("VAULT_KEK", [], { VAULT_TOKEN: token });
    expect(said.operations[0]?.explanation).toContain("the token is not accepted: it has expired");
    expect(said.missing).toBeNull();
    expect(status).toBe(4);
  });

  it("tells what a token cannot know", async () => {
    const probed = await withToken(may("encrypt/dev", "update") + may("decrypt/dev", "update"), ["--for", "seal", "--for", "open"]);
    expect(probed.said.notChecked[0]).toContain("whether the key is convergent, and its version: that takes read on transit/keys/dev");
    expect(probed.status).toBe(0);
    const sealing = await withToken(may("encrypt/dev", "update"), ["--for", "seal"]);
    expect(sealing.said.notChecked[0]).toContain("whether the key exists, and whether it is derived: that takes read on transit/keys/dev");
    expect(sealing.status).toBe(0);
  });

  it.each([
    ["derived", false],
    ["plain", true],
  ])("refuses a key that is not configured as it is: %s", async (name, configured) => {
    const { admin, environment, keks } = emulated.providers;
    admin.vault.createKey({ name, derived: name === "derived" });
    const kek = keks.VAULT_KEK.replace("/dev?", `/${name}?derived=${configured}&`);
    const wrong = await letterlockIn(folder, environment)("doctor", kek);
    expect(wrong.stdout).toContain("kek-unusable");
    expect(wrong.stdout).toMatch(/is derived: configure it with derived|is not derived and would ignore the context/);
    expect(wrong.status).toBe(4);
    const right = await letterlockIn(folder, environment)("doctor", kek.replace(`derived=${configured}`, `derived=${!configured}`));
    expect(right).toMatchObject({ status: 0, stderr: "" });
    expect(right.stdout.includes("rewrap")).toBe(!configured);
  });

  it("works in a namespace, of the URI before that of the environment", async () => {
    const { admin, environment, keks } = emulated.providers;
    admin.vault.createKey({ name: "spaced", namespace: "team/a" });
    const kek = keks.VAULT_KEK.replace("/dev?", "/spaced?");
    expect((await letterlockIn(folder, environment)("doctor", kek)).status).toBe(4);
    expect((await letterlockIn(folder, { ...environment, VAULT_NAMESPACE: "team/a/" })("doctor", kek)).status).toBe(0);
    expect((await letterlockIn(folder, { ...environment, VAULT_NAMESPACE: "other" })("doctor", `${kek}&namespace=team/a`)).status).toBe(0);
  });
});

describe("letterlock doctor on KEKs without a provider", { timeout: 60_000 }, () => {
  let team = "";
  beforeAll(async () => {
    await letterlock(folder, ["keygen", "--name", "dev", "-o", "dev.key"]);
    await letterlock(folder, ["keygen", "--name", "other", "-o", "other.key"]);
    writeFileSync(join(folder, "pass"), "correct horse\n");
    const made = await letterlock(folder, ["keygen", "--intermediate", "--to", "local:dev.key", "-o", "team.ltrlk"]);
    team = made.stdout.trim();
  }, 60_000);

  it.each([
    ["local", () => ["local:dev.key"]],
    ["passphrase", () => ["passphrase:backup", "--passphrase-file", "pass"]],
    ["intermediate", () => [team, "--with", "local:dev.key"]],
  ])("finds nothing wrong with %s", async (_, words) => {
    const { status, stdout, stderr } = await letterlock(folder, ["doctor", ...words()]);
    expect(stderr).toBe("");
    expect(stdout).toContain("wrap, unwrap");
    expect(status).toBe(0);
  });

  it("tells that an intermediate KEK has nobody to open it", async () => {
    const { status, stdout } = await letterlock(folder, ["doctor", team, "--with", "local:other.key"]);
    expect(stdout).toContain("kek-unusable");
    expect(status).toBe(4);
  });

  it("is about one KEK, by its URI or its name", async () => {
    writeFileSync(join(folder, "conf.json"), '{ "keks": { "main": "local:dev.key" } }');
    expect((await letterlock(folder, ["doctor", "main", "--config", "conf.json"])).status).toBe(0);
    expect((await letterlock(folder, ["doctor", "nobody", "--config", "conf.json"])).status).toBe(2);
    expect((await letterlock(folder, ["doctor"])).status).toBe(2);
    expect((await letterlock(folder, ["doctor", "local:dev.key", "--for", "fun"])).stderr).toContain("one of seal, open, refresh");
    expect(readFileSync(join(folder, "conf.json"), "utf8")).toContain("main");
  });
});
