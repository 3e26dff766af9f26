import { constants, createPublicKey, publicEncrypt } from "node:crypto";
import {
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetPublicKeyCommand,
  type KMSClient,
  ReEncryptCommand,
  RotateKeyOnDemandCommand,
} from "@aws-sdk/client-kms";
import { beforeAll, expect, test } from "vitest";
import { expectFailure, runningAwsKms } from "./support.ts";

const kms = runningAwsKms();
let client: KMSClient;
let KeyId: string;
let symmetric: string;

beforeAll(async () => {
  client = kms.client();
  KeyId = await kms.aws.admin.createKey({ spec: "RSA_2048" });
  symmetric = await kms.aws.admin.createKey();
});

const Plaintext = new Uint8Array(32).fill(7);

test.each([
  ["RSAES_OAEP_SHA_256", "sha256", 190],
  ["RSAES_OAEP_SHA_1", "sha1", 214],
] as const)("%s: encrypts here and offline, and decrypts both", async (EncryptionAlgorithm, oaepHash, most) => {
  const { PublicKey = Plaintext } = await client.send(new GetPublicKeyCommand({ KeyId }));
  const key = createPublicKey({ key: Buffer.from(PublicKey), format: "der", type: "spki" });
  const sealed = await client.send(new EncryptCommand({ KeyId, Plaintext: new Uint8Array(most).fill(7), EncryptionAlgorithm }));
  expect(sealed).toMatchObject({ KeyId, EncryptionAlgorithm });
  const offline = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, new Uint8Array(most).fill(7));
  for (const CiphertextBlob of [sealed.CiphertextBlob, offline]) {
    expect(CiphertextBlob).toHaveLength(256);
    const opened = await client.send(new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm }));
    expect(opened).toMatchObject({ KeyId, EncryptionAlgorithm });
    expect(opened).not.toHaveProperty("KeyMaterialId");
    expect(new Uint8Array(opened.Plaintext ?? [])).toEqual(new Uint8Array(most).fill(7));
  }
  const message = `Algorithm ${EncryptionAlgorithm} and key spec RSA_2048 cannot encrypt data larger than ${most} bytes.`;
  const tooLong = new EncryptCommand({ KeyId, Plaintext: new Uint8Array(most + 1), EncryptionAlgorithm });
  await expectFailure(client.send(tooLong), "ValidationException", message);
});

test("describes its public key", async () => {
  expect(await client.send(new GetPublicKeyCommand({ KeyId }))).toMatchObject({
    KeyId,
    KeySpec: "RSA_2048",
    KeyUsage: "ENCRYPT_DECRYPT",
    EncryptionAlgorithms: ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"],
  });
  expect((await client.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata).not.toHaveProperty("CurrentKeyMaterialId");
});

test("refuses what was changed, is of another length or another algorithm", async () => {
  const { CiphertextBlob = Plaintext } = await client.send(
    new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }),
  );
  const changed = CiphertextBlob.map((byte, at) => (at === 9 ? byte ^ 1 : byte));
  for (const blob of [changed, CiphertextBlob.subarray(1), new Uint8Array(512).fill(1), new Uint8Array(256).fill(255)]) {
    const command = new DecryptCommand({ KeyId, CiphertextBlob: blob, EncryptionAlgorithm: "RSAES_OAEP_SHA_256" });
    await expectFailure(client.send(command), "InvalidCiphertextException");
  }
  const command = new DecryptCommand({ KeyId, CiphertextBlob, EncryptionAlgorithm: "RSAES_OAEP_SHA_1" });
  await expectFailure(client.send(command), "InvalidCiphertextException");
});

test("needs its algorithm and its name, and takes no context", async () => {
  const EncryptionAlgorithm = "RSAES_OAEP_SHA_256";
  await expectFailure(
    client.send(new EncryptCommand({ KeyId, Plaintext })),
    "InvalidKeyUsageException",
    "incompatible with key spec RSA_2048",
  );
  await expectFailure(client.send(new EncryptCommand({ KeyId: symmetric, Plaintext, EncryptionAlgorithm })), "InvalidKeyUsageException");
  await expectFailure(client.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })), "InvalidKeyUsageException");
  await expectFailure(client.send(new DecryptCommand({ CiphertextBlob: new Uint8Array(256), EncryptionAlgorithm })), "ValidationException");
  const bound = new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm, EncryptionContext: { a: "b" } });
  await expectFailure(client.send(bound), "ValidationException");
  await expectFailure(client.send(new RotateKeyOnDemandCommand({ KeyId })), "UnsupportedOperationException");
  await expectFailure(client.send(new GetPublicKeyCommand({ KeyId: symmetric })), "UnsupportedOperationException");
});

test("is re-encrypted under a symmetric key", async () => {
  const { CiphertextBlob } = await client.send(new EncryptCommand({ KeyId, Plaintext, EncryptionAlgorithm: "RSAES_OAEP_SHA_256" }));
  const moved = await client.send(
    new ReEncryptCommand({
      CiphertextBlob,
      SourceKeyId: KeyId,
      SourceEncryptionAlgorithm: "RSAES_OAEP_SHA_256",
      DestinationKeyId: symmetric,
      DestinationEncryptionContext: { a: "b" },
    }),
  );
  expect(moved).toMatchObject({ SourceKeyId: KeyId, KeyId: symmetric, SourceEncryptionAlgorithm: "RSAES_OAEP_SHA_256" });
  const opened = await client.send(new DecryptCommand({ CiphertextBlob: moved.CiphertextBlob, EncryptionContext: { a: "b" } }));
  expect(new Uint8Array(opened.Plaintext ?? [])).toEqual(Plaintext);
});

test.each([
  ["ECC_NIST_P256", "SIGN_VERIFY"],
  ["HMAC_256", "GENERATE_VERIFY_MAC"],
  ["RSA_2048", "SIGN_VERIFY"],
] as const)("a key of %s for %s neither encrypts nor decrypts", async (KeySpec, KeyUsage) => {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeySpec, KeyUsage }));
  const { Arn } = KeyMetadata ?? {};
  const encrypting = client.send(new EncryptCommand({ KeyId: Arn, Plaintext }));
  await expectFailure(encrypting, "InvalidKeyUsageException", `${Arn} key usage is ${KeyUsage} which is not valid for Encrypt.`);
  const decrypting = client.send(new DecryptCommand({ KeyId: Arn, CiphertextBlob: Plaintext }));
  await expectFailure(decrypting, "InvalidKeyUsageException", `${Arn} key usage is ${KeyUsage} which is not valid for Decrypt.`);
});
