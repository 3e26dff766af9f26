import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { createKeyring, fileKeyStore, type KeyStore } from "@letterlock/keyring";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { emulatedProviders } from "./emulated-providers.ts";
import { letterlockIn, type Ran, sharedFolder, workFolder } from "./letterlock-command.ts";

const emulated = emulatedProviders();
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

interface Line {
  readonly keyStore: string;
  readonly keyId: string;
  readonly context: Readonly<Record<string, string>>;
  readonly recipients: readonly { readonly provider: string; readonly status: string }[];
}

const tenants = ["acme", "globex", "initech"];
const value = new TextEncoder().encode("123-45-6789");

describe("a key store of files", { timeout: 60_000 }, () => {
  const folder = sharedFolder();
  const uri = "file:keys";
  let run: (...words: readonly string[]) => Promise<Ran>;
  let both: readonly string[];
  let records: readonly (readonly [string, Uint8Array])[];
  let openAll: () => Promise<void>;

  beforeAll(async () => {
    const { environment, keks } = emulated.providers;
    run = letterlockIn(folder, environment);
    both = ["--with", keks.AWS_KEK, keks.VAULT_KEK];
    const credentials = { accessKeyId: "emulated", secretAccessKey: "emulated" };
    const kms = new KMSClient({ endpoint: environment.AWS_ENDPOINT_URL_KMS ?? "", region: "eu-west-1", credentials });
    running.defer(() => kms.destroy());
    const vault = running.use(vaultClient({ endpoint: environment.VAULT_ADDR ?? "", token: environment.VAULT_TOKEN ?? "" }));
    const ring = (store: KeyStore) =>
      createKeyring({
        keks: [awsKms({ client: kms, keyArn: keks.AWS_KEK.replace("aws-kms://", "") }), vaultTransit({ client: vault, keyName: "dev" })],
        store,
        policy: { memory: { maxAgeMs: 60_000, maxKeys: 10 }, hierarchy: ["tenant"] },
      });
    const sealing = running.use(ring(fileKeyStore(join(folder, "keys"))));
    records = await Promise.all(
      tenants.map(async (tenant) => [tenant, await sealing.seal(value, { context: { tenant, table: "users" }, aad: tenant })] as const),
    );
    openAll = async () => {
      using opening = ring(fileKeyStore(join(folder, "keys")));
      for (const [tenant, record] of records) {
        expect(Buffer.from(await opening.open(record, { context: { tenant, table: "users" }, aad: tenant }))).toEqual(Buffer.from(value));
      }
    };
  }, 60_000);

  const staleKeys = async (...words: readonly string[]): Promise<readonly Line[]> => {
    const { stdout, stderr, status } = await run("stale", "--key-store", uri, ...both, "--json", ...words);
    expect(stderr).toBe("");
    const lines = stdout
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line) as Line);
    expect(status).toBe(lines.length === 0 ? 0 : 1);
    return lines;
  };

  it("has nothing stale while nothing was rotated", async () => {
    expect(await staleKeys()).toEqual([]);
  });

  it("lists the intermediate key of each tenant after rotations, for one question to each provider", async () => {
    const { admin, keks } = emulated.providers;
    admin.aws.rotateKey(keks.AWS_KEK.replace("aws-kms://", ""));
    admin.vault.rotateKey("transit/dev");
    admin.aws.takeRequests();
    admin.vault.takeRequests();
    const lines = await staleKeys();
    expect(lines.map(({ context }) => context.tenant).sort()).toEqual(tenants);
    expect(lines.map(({ keyId }) => keyId)).toEqual(lines.map(({ keyId }) => keyId).sort());
    for (const { recipients, keyStore } of lines) {
      expect(keyStore).toBe(`file:${join(folder, "keys")}`);
      expect(recipients.map(({ provider, status }) => `${provider} ${status}`).sort()).toEqual(["aws-kms old", "vault-transit old"]);
    }
    expect(admin.aws.takeRequests().map(({ operation }) => operation)).toEqual(["DescribeKey"]);
    expect(admin.vault.takeRequests().map(({ operation }) => operation)).toEqual(["keys/read"]);
  });

  it("is narrowed by a context, and goes on after a key", async () => {
    expect((await staleKeys("--context", "tenant=acme")).map(({ context }) => context)).toEqual([{ tenant: "acme" }]);
    expect(await staleKeys("--context", "tenant=nobody")).toEqual([]);
    const all = (await staleKeys()).map(({ keyId }) => keyId);
    expect((await staleKeys("--after", all[0] ?? "")).map(({ keyId }) => keyId)).toEqual(all.slice(1));
  });

  it("is refreshed where the context says, and then as a whole", async () => {
    const one = await run("refresh", "--key-store", uri, ...both, "--context", "tenant=acme", "--json");
    expect(one).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(one.stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ counts: { changed: 1, unaffected: 1, failed: 0 } });
    expect((await staleKeys()).map(({ context }) => context.tenant).sort()).toEqual(["globex", "initech"]);

    const all = await run("refresh", "--key-store", uri, ...both);
    expect(all).toMatchObject({ status: 0, stderr: "" });
    expect(all.stdout.match(/^[A-Za-z0-9_-]{43}: refreshed$/gm)).toHaveLength(2);
    expect(all.stdout).toContain(`file:${join(folder, "keys")}: 6 key blobs, 2 changed, 1 current, 3 unaffected\n`);
    expect(await staleKeys()).toEqual([]);
    expect(await run("stale", "--key-store", uri, ...both)).toEqual({ status: 0, stdout: "", stderr: "" });
    await openAll();
  });

  it("names the KEK that the command does not have", async () => {
    const { status, stdout } = await run("stale", "--key-store", uri, "--with", emulated.providers.keks.AWS_KEK);
    expect(stdout.match(/^ {2}not-configured {2}vault-transit transit\/dev/gm)).toHaveLength(3);
    expect(stdout).toContain(" tenant=acme: 1 of 2 recipients are stale, unverified\n");
    expect(status).toBe(1);
  });

  it("tells which keys failed and does the others, with status 1", async () => {
    const { admin } = emulated.providers;
    admin.vault.rotateKey("transit/dev");
    admin.aws.rotateKey(emulated.providers.keks.AWS_KEK.replace("aws-kms://", ""));
    admin.vault.fail({ as: "unavailable", operation: "encrypt", times: Infinity });
    try {
      const { status, stdout, stderr } = await run("refresh", "--key-store", uri, ...both, "--json");
      expect(status).toBe(1);
      const errors = stderr
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { readonly code: string; readonly input: string });
      expect(errors.map(({ code }) => code)).toEqual(["unavailable", "unavailable", "unavailable"]);
      for (const { input } of errors) expect(input).toMatch(/^[A-Za-z0-9_-]{43}$/);
      expect(JSON.parse(stdout.trim().split("\n").at(-1) ?? "")).toMatchObject({ counts: { failed: 3 } });
    } finally {
      admin.vault.clearFaults();
    }
    // What could be wrapped was written.
    const left = await staleKeys();
    expect(left).toHaveLength(3);
    for (const { recipients } of left)
      expect(recipients.filter(({ status }) => status === "old")).toMatchObject([{ provider: "vault-transit" }]);
    expect((await run("refresh", "--key-store", uri, ...both, "--quiet")).status).toBe(0);
    expect(await staleKeys()).toEqual([]);
    await openAll();
  });

  it("goes on after a key blob that is damaged", async () => {
    const copy = join(folder, "damaged");
    cpSync(join(folder, "keys"), copy, { recursive: true });
    const broken = "A".repeat(43);
    mkdirSync(join(copy, "keys", broken));
    const file = { slot: broken, sequence: 1, createdAt: 0, blob: Buffer.from("not a key blob").toString("base64url") };
    writeFileSync(join(copy, "keys", broken, "000000000001"), JSON.stringify(file));
    const { status, stdout, stderr } = await run("stale", "--key-store", "file:damaged", "--with", emulated.providers.keks.AWS_KEK);
    expect(stderr).toContain(`letterlock: ${broken}: malformed: `);
    expect(stdout.match(/not-configured/g)).toHaveLength(3);
    expect(status).toBe(1);
    const refreshed = await run("refresh", "--key-store", "file:damaged", ...both);
    expect(refreshed.stderr).toContain(`letterlock: ${broken}: malformed: `);
    expect(refreshed.stdout).toContain("7 key blobs, 3 current, 3 unaffected, 1 failed\n");
    expect(refreshed.status).toBe(1);
  });
});

describe("what --key-store refuses", { timeout: 60_000 }, () => {
  const aws = "aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234";

  it.each([
    [["--key-store", "file:keys", "a.ltrl"], "--key-store stands instead of files"],
    [["--key-store", "file:keys", "--with", aws, "a.ltrl"], "--key-store stands instead of files"],
    [["--key-store", "file:keys"], 'is no key store: it has no folder "keys"'],
    [["--key-store", "file:"], "write file:PATH"],
    [["--key-store", "keys"], "write file:PATH, postgres://HOST/DATABASE, redis://HOST or dynamodb://TABLE"],
    [["--key-store", "file:keys", "--after", "x"], "--after needs the id of a key, of 43 characters"],
    [["--key-store", "file:keys", "--text"], "--text is for files"],
    [["--after", "A".repeat(43), "a.ltrl"], "--after goes with --key-store"],
  ])("%j", async (words, message) => {
    for (const command of ["refresh", "stale"]) {
      const { status, stderr } = await letterlockIn(workFolder(), {})(command, "--with", aws, ...words);
      expect(stderr).toContain(message);
      expect(status).toBe(2);
    }
  });

  it("makes no folder where there was none", async () => {
    const folder = workFolder();
    await letterlockIn(folder, {})("refresh", "--key-store", "file:keys", "--with", aws);
    expect(existsSync(join(folder, "keys"))).toBe(false);
  });
});
