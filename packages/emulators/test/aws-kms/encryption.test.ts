import {
  DecryptCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
  GenerateRandomCommand,
  type KMSClient,
  ReEncryptCommand,
} from "@aws-sdk/client-kms";
import { beforeAll, describe, expect, test } from "vitest";
import { expectFailure, runningAwsKms } from "./support.ts";

const kms = runningAwsKms();
let client: KMSClient;
let KeyId: string;
let other: string;

beforeAll(async () => {
  client = kms.client();
  KeyId = await kms.aws.admin.createKey({ alias: "alias/orders" });
  other = await kms.aws.admin.createKey();
});

const Plaintext = Uint8Array.from({ length: 32 }, (_, index) => index);
type Context = Record<string, string>;

async function encrypt(EncryptionContext?: Context, plaintext: Uint8Array = Plaintext): Promise<Uint8Array> {
  const { CiphertextBlob = new Uint8Array() } = await client.send(new EncryptCommand({ KeyId, Plaintext: plaintext, EncryptionContext }));
  return CiphertextBlob;
}
const decrypt = (CiphertextBlob: Uint8Array, EncryptionContext?: Context) =>
  client.send(new DecryptCommand({ CiphertextBlob, EncryptionContext }));
const invalid = (call: Promise<unknown>) => expectFailure(call, "InvalidCiphertextException", "UnknownError");

describe("Encrypt and Decrypt", () => {
  test("name the key by its ARN, and the key material where it is known", async () => {
    const sealed = await client.send(new EncryptCommand({ KeyId, Plaintext }));
    expect(sealed).toMatchObject({ KeyId, EncryptionAlgorithm: "SYMMETRIC_DEFAULT" });
    expect(sealed).not.toHaveProperty("KeyMaterialId");
    const opened = await decrypt(sealed.CiphertextBlob ?? Plaintext);
    expect(opened).toMatchObject({
      KeyId,
      EncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(new Uint8Array(opened.Plaintext ?? [])).toEqual(Plaintext);
  });

  // 21 bytes: a recording of the service. 32 bytes: what its users see.
  test.each([
    [1, 153],
    [21, 173],
    [32, 184],
    [4096, 4258],
  ])("make of %d bytes a blob of %d, which begins as the service's do", async (length, expected) => {
    const blob = await encrypt({}, new Uint8Array(length));
    expect(blob.length).toBe(expected);
    expect(Buffer.from(blob).toString("hex")).toMatch(/^0102020078[0-9a-f]{64}01[0-9a-f]{32}0000/);
    expect((await decrypt(blob)).Plaintext).toHaveLength(length);
  });

  test.each([0, 100, 116, 127, 200, 255, 256, 300])("frame %d bytes as nothing else", async (extra) => {
    const length = extra + 1;
    expect((await decrypt(await encrypt({ a: "b" }, new Uint8Array(length)), { a: "b" })).Plaintext).toHaveLength(length);
  });

  test.each([
    ["id", () => KeyId.split("/")[1]],
    ["ARN", () => KeyId],
    ["alias", () => "alias/orders"],
    ["alias ARN", () => KeyId.replace(/key\/.*/, "alias/orders")],
  ])("take the key's %s", async (_what, name) => {
    const sealed = await client.send(new EncryptCommand({ KeyId: name(), Plaintext }));
    expect(sealed.KeyId).toBe(KeyId);
    expect((await client.send(new DecryptCommand({ KeyId: name(), CiphertextBlob: sealed.CiphertextBlob }))).KeyId).toBe(KeyId);
  });

  test("make another blob each time", async () => {
    expect(Buffer.from(await encrypt()).equals(await encrypt())).toBe(false);
  });
});

describe("the encryption context", () => {
  const sealedWith: Context = { a: "bc", tenant: "żółw 🐢", empty: "" };

  test("opens in any order", async () => {
    const blob = await encrypt(sealedWith);
    expect((await decrypt(blob, { empty: "", tenant: "żółw 🐢", a: "bc" })).KeyId).toBe(KeyId);
  });

  test.each<[string, Context | undefined]>([
    ["none", undefined],
    ["an empty one", {}],
    ["one pair less", { a: "bc", tenant: "żółw 🐢" }],
    ["one pair more", { ...sealedWith, b: "" }],
    ["another value", { ...sealedWith, a: "bd" }],
    ["another case", { ...sealedWith, tenant: "Żółw 🐢" }],
    ["another name", { A: "bc", tenant: "żółw 🐢", empty: "" }],
    ["a letter on the other side", { ab: "c", tenant: "żółw 🐢", empty: "" }],
    ["pairs run together", { a: 'bc","tenant":"żółw 🐢', empty: "" }],
    ["the same text in another normal form", { ...sealedWith, tenant: "żółw 🐢".normalize("NFD") }],
  ])("does not open with %s", async (_what, context) => {
    await invalid(decrypt(await encrypt(sealedWith), context));
  });

  test("is injective", async () => {
    await invalid(decrypt(await encrypt({ a: "b", c: "d" }), { a: "bcd" }));
    await invalid(decrypt(await encrypt({ ab: "c" }), { a: "bc" }));
    await invalid(decrypt(await encrypt({}), { "": "" }));
  });

  test("that is empty is none", async () => {
    expect((await decrypt(await encrypt({}))).KeyId).toBe(KeyId);
    expect((await decrypt(await encrypt(), {})).KeyId).toBe(KeyId);
  });
});

describe("a blob", () => {
  test("opens only as it is, bit by bit", async () => {
    const blob = await encrypt({ a: "b" });
    for (let at = 0; at < blob.length; at += 1) {
      const changed = Uint8Array.from(blob);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      await invalid(decrypt(changed, { a: "b" }));
    }
    expect((await decrypt(blob, { a: "b" })).KeyId).toBe(KeyId);
  });

  test("is neither cut nor extended", async () => {
    const blob = await encrypt();
    for (const length of [1, 16, 53, 54, 58, blob.length - 17, blob.length - 1]) await invalid(decrypt(blob.subarray(0, length)));
    await invalid(decrypt(Uint8Array.from([...blob, 0])));
    await invalid(decrypt(Uint8Array.from([0, ...blob])));
  });

  test.each([
    ["random bytes", crypto.getRandomValues(new Uint8Array(100))],
    ["one byte", new Uint8Array(1)],
    ["text", new TextEncoder().encode("vault:v1:AAAA")],
    ["the most that is taken", new Uint8Array(6144)],
  ])("that is %s is refused", async (_what, blob) => {
    await invalid(decrypt(blob));
    await invalid(client.send(new DecryptCommand({ KeyId, CiphertextBlob: blob })));
  });

  test("of another key is IncorrectKeyException where the request names a key", async () => {
    const CiphertextBlob = await encrypt();
    const text = "The key ID in the request does not identify a CMK that can perform this operation.";
    await expectFailure(client.send(new DecryptCommand({ KeyId: other, CiphertextBlob })), "IncorrectKeyException", text);
    const reEncrypt = { CiphertextBlob, SourceKeyId: other, DestinationKeyId: other };
    await expectFailure(client.send(new ReEncryptCommand(reEncrypt)), "IncorrectKeyException", text);
  });

  test("of another region is refused", async () => {
    await invalid(kms.client({ region: "eu-west-1" }).send(new DecryptCommand({ CiphertextBlob: await encrypt() })));
  });
});

describe("sizes", () => {
  test.each([
    [0, "Value at 'plaintext' failed to satisfy constraint: Member must have length greater than or equal to 1"],
    [4097, "Value at 'plaintext' failed to satisfy constraint: Member must have length less than or equal to 4096"],
  ])("of a plaintext: not %d", async (length, message) => {
    await expectFailure(encrypt({}, new Uint8Array(length)), "ValidationException", message);
  });

  test.each([0, 6145])("of a blob: not %d", async (length) => {
    await expectFailure(decrypt(new Uint8Array(length)), "ValidationException", "ciphertextBlob");
  });
});

describe("data keys", () => {
  test.each([
    ["AES_256", { KeySpec: "AES_256" }, 32],
    ["AES_128", { KeySpec: "AES_128" }, 16],
    ["64 bytes", { NumberOfBytes: 64 }, 64],
    ["1024 bytes", { NumberOfBytes: 1024 }, 1024],
  ] as const)("of %s open again", async (_what, size, length) => {
    const made = await client.send(new GenerateDataKeyCommand({ KeyId, ...size, EncryptionContext: { a: "b" } }));
    expect(made).toMatchObject({ KeyId, KeyMaterialId: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(made.Plaintext).toHaveLength(length);
    expect((await decrypt(made.CiphertextBlob ?? Plaintext, { a: "b" })).Plaintext).toEqual(made.Plaintext);
    await invalid(decrypt(made.CiphertextBlob ?? Plaintext, { a: "c" }));
  });

  test("without plaintext have none", async () => {
    const made = await client.send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: "AES_256" }));
    expect(made).not.toHaveProperty("Plaintext");
    expect((await decrypt(made.CiphertextBlob ?? Plaintext)).Plaintext).toHaveLength(32);
  });

  test.each([{}, { KeySpec: "AES_256", NumberOfBytes: 32 }] as const)("need one size: not %j", async (size) => {
    await expectFailure(client.send(new GenerateDataKeyCommand({ KeyId, ...size })), "ValidationException", "number of bytes or key spec");
  });

  test.each([0, 1025])("are not of %d bytes", async (NumberOfBytes) => {
    await expectFailure(client.send(new GenerateDataKeyCommand({ KeyId, NumberOfBytes })), "ValidationException", "numberOfBytes");
  });
});

describe("ReEncrypt", () => {
  test("moves to another key and another context", async () => {
    const CiphertextBlob = await encrypt({ a: "b" });
    const command = {
      CiphertextBlob,
      SourceEncryptionContext: { a: "b" },
      DestinationKeyId: other,
      DestinationEncryptionContext: { c: "d" },
    };
    for (const source of [{}, { SourceKeyId: KeyId }]) {
      const moved = await client.send(new ReEncryptCommand({ ...command, ...source }));
      expect(moved).toMatchObject({
        SourceKeyId: KeyId,
        KeyId: other,
        SourceEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
        DestinationEncryptionAlgorithm: "SYMMETRIC_DEFAULT",
      });
      expect(moved.SourceKeyMaterialId).not.toBe(moved.DestinationKeyMaterialId);
      const opened = await decrypt(moved.CiphertextBlob ?? Plaintext, { c: "d" });
      expect(opened).toMatchObject({ KeyId: other, KeyMaterialId: moved.DestinationKeyMaterialId });
      expect(new Uint8Array(opened.Plaintext ?? [])).toEqual(Plaintext);
    }
  });

  test("needs the context of before", async () => {
    await invalid(client.send(new ReEncryptCommand({ CiphertextBlob: await encrypt({ a: "b" }), DestinationKeyId: KeyId })));
  });
});

describe("a dry run", () => {
  const text = "The request would have succeeded, but the DryRun option is set.";

  test("says that it would have worked", async () => {
    const CiphertextBlob = await encrypt();
    for (const command of [
      new EncryptCommand({ KeyId, Plaintext, DryRun: true }),
      new DecryptCommand({ KeyId, CiphertextBlob, DryRun: true }),
      new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", DryRun: true }),
      new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: KeyId, DryRun: true }),
      new DecryptCommand({ KeyId, CiphertextBlob: new Uint8Array(1), DryRun: true, DryRunModifiers: ["IGNORE_CIPHERTEXT"] }),
    ]) {
      await expectFailure(client.send(command as EncryptCommand), "DryRunOperationException", text);
    }
  });

  test("says what would have failed", async () => {
    await invalid(client.send(new DecryptCommand({ KeyId, CiphertextBlob: new Uint8Array(1), DryRun: true })));
    await client.send(new DisableKeyCommand({ KeyId: other }));
    await expectFailure(client.send(new EncryptCommand({ KeyId: other, Plaintext, DryRun: true })), "DisabledException");
    await client.send(new EnableKeyCommand({ KeyId: other }));
  });
});

test("GenerateRandom gives other bytes each time", async () => {
  const draw = async () => (await client.send(new GenerateRandomCommand({ NumberOfBytes: 32 }))).Plaintext ?? new Uint8Array();
  expect(await draw()).toHaveLength(32);
  expect(Buffer.from(await draw()).equals(await draw())).toBe(false);
});

test("50 at once do not mix", async () => {
  const opened = await Promise.all(
    Array.from({ length: 50 }, async (_, index) => {
      const EncryptionContext = { index: String(index) };
      const blob = await encrypt(EncryptionContext, new Uint8Array([index + 1]));
      return (await decrypt(blob, EncryptionContext)).Plaintext?.[0];
    }),
  );
  expect(opened).toEqual(Array.from({ length: 50 }, (_, index) => index + 1));
});
