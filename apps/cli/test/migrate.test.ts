import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { type Kek, open, seal } from "@letterlock/core";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { emulatedProviders } from "./emulated-providers.ts";
import { ended, letterlockIn, type Ran, start, workFolder } from "./letterlock-command.ts";
import { configure, keyFile, linesOf, openedFiles, sealedFiles, sealedLines } from "./migration-folder.ts";

const emulated = emulatedProviders();

describe("migrate, from AWS KMS to Vault", { timeout: 120_000 }, () => {
  let folder: string;
  let prod: Kek;
  let run: (...words: readonly string[]) => Promise<Ran>;
  let configuration: object;

  beforeAll(() => {
    const { keks, environment } = emulated.providers;
    const keyArn = keks.AWS_KEK.replace("aws-kms://", "");
    const credentials = { accessKeyId: environment.AWS_ACCESS_KEY_ID ?? "", secretAccessKey: environment.AWS_SECRET_ACCESS_KEY ?? "" };
    const region = keyArn.split(":")[3] ?? "";
    prod = awsKms({ client: new KMSClient({ endpoint: environment.AWS_ENDPOINT_URL_KMS ?? "", region, credentials }), keyArn });
  });

  beforeEach(() => {
    const { keks, environment, admin } = emulated.providers;
    folder = workFolder();
    run = letterlockIn(folder, { ...environment, VAULT_ADDR: new URL(keks.VAULT_KEK.replace("vault-transit", "http")).origin });
    configuration = {
      keks: { prod: keks.AWS_KEK, dr: keks.VAULT_KEK },
      from: ["prod"],
      to: ["dr"],
      stores: {
        uploads: { type: "files", folder: "uploads" },
        users: { type: "ndjson", file: "users.ndjson", fields: ["ssn"], key: "id" },
      },
    };
    configure(folder, configuration);
    admin.aws.takeRequests();
    admin.vault.takeRequests();
  });

  afterEach(() => {
    const { admin } = emulated.providers;
    for (const one of [admin.aws, admin.vault]) {
      one.clearFaults();
      one.allowAll();
    }
  });

  it("moves two stores, verifies them with the target alone, and removes the old recipients", async () => {
    await sealedFiles(join(folder, "uploads"), 20, [prod]);
    await sealedLines(join(folder, "users.ndjson"), 30, [prod]);
    expect(await run("migrate", "plan")).toMatchObject({ status: 0, stderr: "" });
    const moved = await run("migrate", "run", "--keep", "--json");
    expect(moved).toMatchObject({ status: 0, stderr: "" });
    expect(linesOf(moved).stores).toMatchObject([
      { store: "uploads", ok: true, books: { scanned: 20, classes: { migrated: 20 } } },
      { store: "users", ok: true, books: { scanned: 30, classes: { migrated: 30 } } },
    ]);
    expect(linesOf(moved).last).toEqual({ step: "run", stores: 2, ok: true, inTrouble: [], notLookedAt: [], exitStatus: 0 });
    emulated.providers.admin.aws.deny({});
    const verified = await run("migrate", "verify", "--json");
    expect(linesOf(verified).stores.map((line) => line.verified)).toMatchObject([
      { clean: true, withOldRecipients: 20 },
      { clean: true, withOldRecipients: 30 },
    ]);
    const finished = await run("migrate", "finish", "--json");
    expect(finished).toMatchObject({ status: 0, stderr: "" });
    expect(linesOf(finished).stores.map((line) => line.removed.classes.migrated)).toEqual([20, 30]);
    emulated.providers.admin.aws.allowAll();
    expect(await openedFiles(join(folder, "uploads"), prod)).toBe(0);
    expect((await run("migrate", "verify", "--json")).stdout).toContain('"withOldRecipients":0');
  });

  it("waits where the target throttles, and loses nothing", async () => {
    await sealedFiles(join(folder, "uploads"), 40, [prod]);
    emulated.providers.admin.vault.fail({ as: "throttled", times: 4 });
    const moved = await run("migrate", "run", "uploads", "--json");
    expect(moved).toMatchObject({ status: 0, stderr: "" });
    expect(linesOf(moved).stores[0]?.books.classes).toMatchObject({ migrated: 40, failed: 0 });
    expect(emulated.providers.admin.vault.takeRequests().filter(({ fault }) => fault === "throttled").length).toBeGreaterThan(1);
  });

  it("ends with status 5 when the target goes away in the middle, and the same command finishes later", async () => {
    const count = 200;
    await sealedFiles(join(folder, "uploads"), count, [prod]);
    const { admin, environment, keks } = emulated.providers;
    const vaultAddress = new URL(keks.VAULT_KEK.replace("vault-transit", "http")).origin;
    const words = ["migrate", "run", "uploads", "--json", "--patience", "1", "--concurrency", "2"];
    const running = ended(start(words, folder, { ...environment, VAULT_ADDR: vaultAddress }));
    await vi.waitFor(() => expect(admin.vault.takeRequests().length).toBeGreaterThan(0), { timeout: 30_000, interval: 1 });
    admin.vault.fail({ as: "unavailable", times: Number.POSITIVE_INFINITY });
    const away = await running;
    const [line] = linesOf(away).stores;
    const { classes, codes } = line?.books ?? { classes: {} as Readonly<Record<string, number>>, codes: {} };
    expect(away.stderr).toContain('"exitStatus":5');
    expect(away.status).toBe(5);
    expect(Object.keys(codes)).toEqual(["unavailable"]);
    expect(classes.failed).toBeGreaterThan(0);
    expect((classes.failed ?? 0) + (classes.migrated ?? 0)).toBe(count);
    expect(await openedFiles(join(folder, "uploads"), prod)).toBe(classes.failed);

    admin.vault.clearFaults();
    const later = await run(...words);
    expect(later).toMatchObject({ status: 0, stderr: "" });
    expect(linesOf(later).stores[0]?.books.classes).toMatchObject({ migrated: classes.failed, already: classes.migrated });
    expect((await run("migrate", "verify", "uploads", "--quiet")).status).toBe(0);
  });

  it("ends with status 4 where a permission is missing, in the plan already", async () => {
    await sealedFiles(join(folder, "uploads"), 3, [prod]);
    emulated.providers.admin.aws.deny({ operation: "Decrypt" });
    const planned = await run("migrate", "plan", "uploads");
    expect(planned.stdout).toMatch(/probe failed {3}aws-kms .*: unwrap: access-denied: /);
    expect(planned.stderr).toMatch(/^letterlock: uploads: access-denied: aws-kms .* cannot unwrap \(`letterlock doctor` tells why\)\n$/);
    expect(planned.status).toBe(4);
    expect((await run("migrate", "plan", "uploads", "--no-probe")).status).toBe(0);
    writeFileSync(join(folder, "uploads", "note.txt"), "bring milk");
    const both = await run("migrate", "plan", "uploads");
    expect(both.stderr).toMatch(/cannot unwrap .*, 1 foreign/);
    expect(both.status).toBe(1);
    rmSync(join(folder, "uploads", "note.txt"));
    const moved = await run("migrate", "run", "uploads", "--json");
    expect(moved.status).toBe(4);
    expect(linesOf(moved).stores[0]?.books).toMatchObject({ classes: { failed: 3 }, codes: { "access-denied": 3 } });
  });

  it("makes no call that its quota does not count, where the SDK would try again by itself", async () => {
    await sealedFiles(join(folder, "uploads"), 1, [prod]);
    const { admin } = emulated.providers;
    admin.aws.takeRequests();
    admin.aws.fail({ as: "throttled", times: 2 });
    const moved = await run("migrate", "run", "uploads", "--json", "--patience", "1");
    expect(moved).toMatchObject({ status: 0, stderr: "" });
    // One call for each of the three passes of a run.
    expect(admin.aws.takeRequests().map(({ fault }) => fault)).toEqual(["throttled", "throttled", undefined]);
    await sealedFiles(join(folder, "uploads"), 1, [prod]);
    admin.aws.fail({ as: "throttled", times: 3 });
    const given = await run("migrate", "run", "uploads", "--json", "--patience", "1");
    expect(given.status).toBe(5);
  });

  it("counts two keys of one quota together", async () => {
    const { keks, admin, environment } = emulated.providers;
    const other = await admin.aws.createKey({ region: prod.keyRef.split(":")[3] });
    const limit = { perSecond: 25, burst: 1, quota: "account" };
    configure(folder, {
      ...configuration,
      keks: { prod: keks.AWS_KEK, other: `aws-kms://${other}` },
      to: ["other"],
      rates: { prod: limit, other: limit },
    });
    const count = 40;
    await sealedFiles(join(folder, "uploads"), count, [prod]);
    admin.aws.takeRequests();
    const moved = await letterlockIn(folder, environment)("migrate", "run", "uploads", "--json");
    expect(moved).toMatchObject({ status: 0, stderr: "" });
    expect(admin.aws.takeRequests()).toHaveLength(3 * count);
    expect(linesOf(moved).stores[0]?.seconds).toBeGreaterThan((3 * count - 2) / limit.perSecond);
  });

  it("ends on Ctrl-C while a provider does not answer", async () => {
    await sealedFiles(join(folder, "uploads"), 3, [prod]);
    const { admin, environment, keks } = emulated.providers;
    admin.vault.fail({ as: "timeout", times: Number.POSITIVE_INFINITY });
    const child = start(["migrate", "run", "uploads"], folder, {
      ...environment,
      VAULT_ADDR: new URL(keks.VAULT_KEK.replace("vault-transit", "http")).origin,
    });
    const end = ended(child);
    await vi.waitFor(() => expect(admin.vault.takeRequests().length).toBeGreaterThan(0), { timeout: 30_000, interval: 5 });
    const before = performance.now();
    child.kill("SIGINT");
    expect(await end).toMatchObject({ status: 130, stdout: "" });
    expect(performance.now() - before).toBeLessThan(10_000);
  });

  it("wraps again what names an older version after a rotation", async () => {
    const { admin } = emulated.providers;
    configure(folder, { ...configuration, from: [], to: [] });
    await sealedFiles(join(folder, "uploads"), 5, [prod]);
    expect((await run("migrate", "run", "uploads", "--from", "prod", "--to", "dr", "--quiet")).status).toBe(0);
    admin.vault.rotateKey("transit/dev");
    const named = await run("migrate", "references", "uploads", "--kek", "dr", "--key-version", "1", "--json");
    expect(named.stdout).toContain('"count":5,"alone":5');
    const refreshed = await run("migrate", "run", "uploads", "--refresh", "--to", "dr", "--json");
    expect(linesOf(refreshed).stores[0]).toMatchObject({ ok: true, books: { classes: { migrated: 5 }, unverified: 0 } });
  });

  it("refreshes inside the provider with --blind, and counts that as unverified", async () => {
    const { admin } = emulated.providers;
    await sealedFiles(join(folder, "uploads"), 5, [prod]);
    admin.aws.rotateKey(prod.keyRef);
    admin.aws.takeRequests();
    const blind = await run("migrate", "run", "uploads", "--blind", "--to", "prod", "--json");
    expect(linesOf(blind).stores[0]).toMatchObject({ ok: true, books: { classes: { migrated: 5 }, unverified: 5 } });
    const operations = admin.aws.takeRequests().map(({ operation }) => operation);
    expect(operations).toContain("ReEncrypt");
    expect(operations).not.toContain("Decrypt");
    expect((await run("migrate", "verify", "uploads", "--to", "prod", "--json")).stdout).toContain('"clean":true');
  });

  it("calls no provider for a command line that is wrong", async () => {
    await sealedFiles(join(folder, "uploads"), 1, [prod]);
    writeFileSync(join(folder, "users.ndjson"), "");
    keyFile(folder, "new");
    writeFileSync(join(folder, "there.html"), "");
    const { admin } = emulated.providers;
    admin.aws.takeRequests();
    const wrong = [
      ["migrate", "run", "nobody"],
      ["migrate", "run", "--to", "prod"],
      ["migrate", "run", "--to", "dr", "dr"],
      ["migrate", "run", "--refresh", "--to", "local:new.key"],
      ["migrate", "run", "--blind", "--to", "local:new.key"],
      ["migrate", "run", "--blind", "--keep"],
      ["migrate", "run", "--report", "here.txt"],
      ["migrate", "run", "--report", "nowhere/report.html"],
      ["migrate", "run", "--report", "there.html"],
      ["migrate", "run", "--accept", "gone"],
      ["migrate", "run", "--concurrency", "0"],
      ["migrate", "run", "--memory", "lots"],
      ["migrate", "run", "--to", "nobody:"],
      ["migrate", "verify", "uploads", "uploads"],
    ];
    for (const words of wrong) expect(await run(...words), words.join(" ")).toMatchObject({ status: 2, stdout: "" });
    expect([...admin.aws.takeRequests(), ...admin.vault.takeRequests()]).toEqual([]);
  });
});

describe("migrate, of several stores", { timeout: 60_000 }, () => {
  it("goes on after a store that is away, and says so at the end", async () => {
    const folder = workFolder();
    const [old] = [keyFile(folder, "old"), keyFile(folder, "new")];
    await sealedFiles(join(folder, "uploads"), 3, [old]);
    configure(folder, {
      keks: { old: "local:old.key", new: "local:new.key" },
      from: ["old"],
      to: ["new"],
      stores: {
        users: { type: "postgres", url: "postgres://app:hunter2@127.0.0.1:1/app", table: "users", column: "ssn", key: ["id"] },
        uploads: { type: "files", folder: "uploads" },
      },
    });
    const run = letterlockIn(folder, {});
    const moved = await run("migrate", "run");
    expect(moved.stdout).toMatch(/^uploads: 3 objects, .*: 3 migrated, in .*\n2 stores: not ok: users\n$/);
    expect(moved.stderr).toMatch(/^letterlock: users: unavailable: .*ECONNREFUSED.*\n$/);
    expect(moved.stderr).not.toContain("hunter2");
    expect(moved.status).toBe(5);
  });

  it("mentions a store without objects: a wrong prefix looks like one", async () => {
    const folder = workFolder();
    keyFile(folder, "old");
    keyFile(folder, "new");
    writeFileSync(join(folder, "users.ndjson"), "");
    const users = { type: "ndjson", file: "users.ndjson", fields: ["ssn"] };
    configure(folder, { keks: { old: "local:old.key", new: "local:new.key" }, from: ["old"], to: ["new"], stores: { users } });
    const moved = await letterlockIn(folder, {})("migrate", "run");
    expect(moved.stderr).toMatch(/^letterlock: users has no objects: /);
    expect(moved.status).toBe(0);
  });

  it("moves each store between its own keys", async () => {
    const folder = workFolder();
    const [a, b, c] = [keyFile(folder, "a"), keyFile(folder, "b"), keyFile(folder, "c")];
    await sealedFiles(join(folder, "one"), 3, [a]);
    await sealedFiles(join(folder, "two"), 4, [b]);
    configure(folder, {
      keks: { a: "local:a.key", b: "local:b.key", c: "local:c.key" },
      from: ["a"],
      to: ["c"],
      stores: { one: { type: "files", folder: "one" }, two: { type: "files", folder: "two", from: ["b"], to: ["a"] } },
    });
    expect(await letterlockIn(folder, {})("migrate", "run", "--quiet")).toMatchObject({ status: 0, stderr: "", stdout: "" });
    expect([await openedFiles(join(folder, "one"), c), await openedFiles(join(folder, "two"), a)]).toEqual([3, 4]);
  });

  it("gives the values of detached context keys that the store names", async () => {
    const folder = workFolder();
    const old = keyFile(folder, "old");
    const target = keyFile(folder, "new");
    const context = { tenant: "acme", table: "users" };
    writeFileSync(join(folder, "one.ltrl"), await seal(Buffer.from("one"), [old], { context, detached: ["tenant"] }));
    const files = { type: "files", folder: ".", include: ["*.ltrl"] };
    const keks = { old: "local:old.key", new: "local:new.key" };
    const run = letterlockIn(folder, {});
    configure(folder, { keks, from: ["old"], to: ["new"], stores: { files } });
    expect((await run("migrate", "run", "--quiet")).stderr).toContain("context-mismatch: 1 quarantined");
    configure(folder, { keks, from: ["old"], to: ["new"], stores: { files: { ...files, detached: { tenant: "acme" } } } });
    expect(await run("migrate", "run", "--quiet")).toMatchObject({ status: 0, stderr: "" });
    const moved = readFileSync(join(folder, "one.ltrl"));
    expect(Buffer.from(await open(moved, [target], { context })).toString()).toBe("one");
  });

  it("keeps no journal with --no-journal, and goes on where none can be kept", async () => {
    const folder = workFolder();
    const old = keyFile(folder, "old");
    keyFile(folder, "new");
    await sealedFiles(join(folder, "uploads"), 1, [old]);
    configure(folder, {
      keks: { old: "local:old.key", new: "local:new.key" },
      from: ["old"],
      to: ["new"],
      stores: { uploads: { type: "files", folder: "uploads" } },
    });
    const run = letterlockIn(folder, {});
    expect(await run("migrate", "run", "--no-journal")).toMatchObject({ status: 0, stderr: "" });
    expect((await run("migrate", "status")).stderr).toBe("letterlock: the journal knows of no runs\n");
    mkdirSync(join(folder, "letterlock.journal"));
    const moved = await run("migrate", "run");
    expect(moved.stderr).toMatch(/^letterlock: the journal .* is not used: .*\n$/);
    expect(moved.status).toBe(0);
    rmSync(join(folder, "letterlock.journal"), { recursive: true });
  });
});
