import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { inspect, type Kek, open, type Recipient, seal } from "@letterlock/core";
import { startAwsKms, startVaultTransit } from "@letterlock/emulators";
import { requireServer, startOpenBao } from "@letterlock/servers";
import { type VaultTransitKek, vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { finish, type MemoryStore, memoryStore, run, verify } from "../src/index.ts";

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const vault = running.use(await startVaultTransit());
const aws = running.use(await startAwsKms());
const vaultOf = (endpoint: string, token: string) => running.use(vaultClient({ endpoint, token }));
const own = vaultOf(vault.endpoint, vault.rootToken);
const kms = new KMSClient({
  ...{ endpoint: aws.endpoint, region: "us-east-1", maxAttempts: 1 },
  credentials: { accessKeyId: "alice", secretAccessKey: "any" },
});
running.defer(() => kms.destroy());

let names = 0;
let store: MemoryStore;
beforeEach(() => {
  store = memoryStore();
});
const context = { table: "users" };
const fill = async (count: number, keks: readonly Kek[]): Promise<void> => {
  for (let i = 0; i < count; i++) store.put(`object ${String(i).padStart(3, "0")}`, await seal(Buffer.from(String(i)), keks, { context }));
};
const recipientsOf = (id: string): readonly Recipient[] => {
  const info = inspect(store.get(id) ?? new Uint8Array());
  return info.type === "record" ? [] : info.header.recipients;
};
const versions = () => [...new Set(store.ids().flatMap((id) => recipientsOf(id).map(({ keyVersion }) => keyVersion)))];
const textOf = async (id: string, kek: Kek) => Buffer.from(await open(store.get(id) ?? new Uint8Array(), [kek], { context })).toString();
const tally = (requests: readonly { readonly operation: string }[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(requests, ({ operation }) => operation)].map(([operation, all]) => [operation, all.length]));
/** A provider that answers with the ciphertext of another data key, of the same key and context: nothing shows it but opening. */
const mistaking = (kek: VaultTransitKek, id: string, by: Recipient): VaultTransitKek => ({
  ...kek,
  rewrap: async (recipient, call) => {
    const wrong = Buffer.compare(recipient.wrapped, recipientsOf(id)[0]?.wrapped ?? new Uint8Array()) === 0;
    return (await kek.rewrap?.(wrong ? by : recipient, call)) ?? expect.unreachable("the key is derived");
  },
});

interface Rotating {
  readonly name: string;
  readonly make: () => Promise<{
    readonly kek: Kek;
    rotate(): Promise<void> | void;
    readonly requests?: () => readonly { operation: string }[];
  }>;
  /** Of the requests of a blind run over 12 objects. */
  readonly calls?: Readonly<Record<string, number>>;
}

const rotatings: readonly Rotating[] = [
  {
    name: "the emulator of Vault",
    make: async () => {
      const keyRef = vault.admin.createKey({ name: `derived-${names++}`, derived: true });
      const kek = vaultTransit({ client: own, keyName: keyRef.slice("transit/".length), derived: true });
      return { kek, rotate: () => vault.admin.rotateKey(keyRef), requests: vault.admin.takeRequests };
    },
    calls: { "keys/read": 1, rewrap: 12 },
  },
  {
    name: "the emulator of AWS KMS",
    make: async () => {
      const keyArn = await aws.admin.createKey();
      return { kek: awsKms({ client: kms, keyArn }), rotate: () => aws.admin.rotateKey(keyArn), requests: aws.admin.takeRequests };
    },
    calls: { DescribeKey: 1, ReEncrypt: 12 },
  },
  ...(requireServer("openbao")
    ? [
        {
          name: "OpenBao",
          make: async () => {
            const bao = running.use(await startOpenBao());
            const client = vaultOf(bao.endpoint, bao.rootToken);
            await client.write("transit/keys/app", { derived: true });
            const kek = vaultTransit({ client, keyName: "app", derived: true });
            return { kek, rotate: async () => void (await client.write("transit/keys/app/rotate", {})) };
          },
        },
      ]
    : []),
];

describe.each(rotatings)("a blind run after a rotation, on $name", ({ make, calls }) => {
  test("has everything wrapped again inside the provider, and shows that nobody has looked", { timeout: 120_000 }, async () => {
    const { kek, rotate, requests } = await make();
    await fill(12, [kek]);
    await rotate();
    const before = versions();
    requests?.();
    const books = await run({ store, from: [], to: [kek] }, { blind: true });
    const made = tally(requests?.() ?? []);
    expect(books).toMatchObject({ scanned: 12, classes: { migrated: 12 }, unverified: 12, ok: true });
    if (calls !== undefined) {
      expect(made).toEqual(calls);
    }
    expect(versions()).not.toEqual(before);
    expect(versions()).toHaveLength(1);
    expect(await run({ store, from: [], to: [kek] }, { blind: true })).toMatchObject({ classes: { already: 12 }, unverified: 0 });
    requests?.();
    expect(await finish({ store, from: [kek], to: [kek] })).toMatchObject({ finished: true, verified: { clean: true, scanned: 12 } });
    // It has opened each of them itself.
    if (calls !== undefined) expect(Object.entries(tally(requests?.() ?? []))).toContainEqual([expect.stringMatching(/^decrypt$/i), 12]);
    for (const id of store.ids()) expect(await textOf(id, kek)).toBe(String(Number(id.slice(-3))));
  });
});

describe("a blind run", () => {
  test("writes what a provider that errs gives it: verify finds the object, finish changes nothing, and its old copy is gone", async () => {
    const keyRef = vault.admin.createKey({ name: `derived-${names++}`, derived: true });
    const kek = vaultTransit({ client: own, keyName: keyRef.slice("transit/".length), derived: true });
    await fill(5, [kek]);
    const before = store.get("object 002") ?? new Uint8Array();
    vault.admin.rotateKey(keyRef);
    const erring = mistaking(kek, "object 002", recipientsOf("object 004")[0] as Recipient);
    expect(await run({ store, from: [], to: [erring] }, { blind: true })).toMatchObject({
      classes: { migrated: 5 },
      unverified: 5,
      ok: true,
    });
    expect(await verify({ store, from: [], to: [kek] })).toMatchObject({
      clean: false,
      classes: { already: 4, quarantined: 1 },
      exceptions: [{ id: "object 002", code: "not-authentic" }],
    });
    expect(await finish({ store, from: [], to: [kek] })).toMatchObject({ finished: false, removed: undefined });
    await expect(textOf("object 002", kek)).rejects.toMatchObject({ code: "not-authentic" });
    expect(Buffer.from(await open(before, [kek], { context })).toString()).toBe("2");
  });

  test("loses nothing to the same provider where it is not blind", async () => {
    const keyRef = vault.admin.createKey({ name: `derived-${names++}`, derived: true });
    const kek = vaultTransit({ client: own, keyName: keyRef.slice("transit/".length), derived: true });
    await fill(5, [kek]);
    vault.admin.rotateKey(keyRef);
    const erring = mistaking(kek, "object 002", recipientsOf("object 004")[0] as Recipient);
    expect(await run({ store, from: [kek], to: [erring] }, { refresh: true })).toMatchObject({ classes: { migrated: 5 }, unverified: 0 });
    expect(await verify({ store, from: [], to: [kek] })).toMatchObject({ clean: true });
  });

  test("is no move to another key, not even of the same account: it leaves such objects as they are", async () => {
    const [a, b] = [await aws.admin.createKey(), await aws.admin.createKey()].map((keyArn) => awsKms({ client: kms, keyArn }));
    await fill(3, [a as Kek]);
    const before = store.get("object 000");
    aws.admin.takeRequests();
    const books = await run({ store, from: [a as Kek], to: [b as Kek] }, { blind: true });
    expect(books).toMatchObject({ classes: { quarantined: 3 }, codes: { "no-matching-kek": 3 }, ok: false });
    expect(store.get("object 000")).toEqual(before);
    expect(tally(aws.admin.takeRequests())).toEqual({ DescribeKey: 1 });
    expect(await run({ store, from: [a as Kek], to: [b as Kek] })).toMatchObject({ classes: { migrated: 3 } });
  });

  test("is refused where the key of Vault binds by associated data, which its rewrap does not know", async () => {
    const kek = vaultTransit({ client: own, keyName: vault.admin.createKey().slice("transit/".length) });
    await expect(run({ store, from: [], to: [kek] }, { blind: true })).rejects.toThrow(TypeError);
  });
});

describe("calls of Vault", () => {
  const count = 300;
  const prepared = async () => {
    const [old, target] = ["old", "target"].map((name) => {
      const keyRef = vault.admin.createKey({ name: `${name}-${names++}` });
      return vaultTransit({ client: own, keyName: keyRef.slice("transit/".length), batch: true });
    }) as [VaultTransitKek, VaultTransitKek];
    const objects = Array.from({ length: count }, (_, i) => seal(Buffer.from(String(i)), [old], { context }));
    for (const [i, object] of (await Promise.all(objects)).entries()) store.put(`object ${String(i).padStart(3, "0")}`, object);
    vault.admin.takeRequests();
    return { old, target };
  };

  test("go together: 300 objects, 64 at once, are far fewer requests than calls", async () => {
    const { old, target } = await prepared();
    const books = await run({ store, from: [old], to: [target] }, { concurrency: 64 });
    expect(books).toMatchObject({ classes: { migrated: count }, ok: true });
    const { encrypt = 0, decrypt = 0 } = tally(vault.admin.takeRequests());
    console.log(`${count} objects, 64 at once: ${encrypt} encrypt and ${decrypt} decrypt requests for ${count} and ${2 * count} calls`);
    expect(encrypt).toBeGreaterThan(0);
    expect(encrypt).toBeLessThan(count / 4);
    expect(decrypt).toBeLessThan((2 * count) / 4);
    expect(await verify({ store, from: [], to: [target] }, { concurrency: 64 })).toMatchObject({ clean: true });
    expect(tally(vault.admin.takeRequests()).decrypt).toBeLessThan(count / 4);
  });

  test("harm no other object of their batch when one is damaged", async () => {
    const { old, target } = await prepared();
    const wrapped = Buffer.from(recipientsOf("object 123")[0]?.wrapped ?? []);
    const damaged = Buffer.from(store.get("object 123") ?? []);
    const at = damaged.indexOf(wrapped) + 40;
    damaged[at] = damaged[at] === 0x41 ? 0x42 : 0x41;
    store.put("object 123", damaged);
    const books = await run({ store, from: [old], to: [target] }, { concurrency: 64 });
    expect(books).toMatchObject({
      classes: { migrated: count - 1, quarantined: 1 },
      exceptions: [{ id: "object 123", code: "not-authentic" }],
    });
    expect(tally(vault.admin.takeRequests()).decrypt).toBeLessThan((2 * count) / 4);
    expect(await textOf("object 122", target)).toBe("122");
  });
});
