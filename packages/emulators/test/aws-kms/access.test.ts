import {
  CreateGrantCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GetKeyPolicyCommand,
  type KMSClient,
  ListGrantsCommand,
  ListKeyPoliciesCommand,
  ListKeysCommand,
  PutKeyPolicyCommand,
  ReEncryptCommand,
  RetireGrantCommand,
  RevokeGrantCommand,
} from "@aws-sdk/client-kms";
import { beforeEach, describe, expect, test } from "vitest";
import { expectFailure, runningAwsKms } from "./support.ts";

const kms = runningAwsKms({ grantDelayMs: 300_000 });
const Plaintext = new Uint8Array([1, 2, 3]);
const user = (name: string) => `arn:aws:iam::111122223333:user/${name}`;
const everything = { Effect: "Allow", Principal: { AWS: user("alice") }, Action: "kms:*", Resource: "*" };
let alice: KMSClient;
let bob: KMSClient;
let KeyId: string;

beforeEach(async () => {
  kms.aws.admin.allowAll();
  alice = kms.client();
  bob = kms.client({ accessKeyId: "bob" });
  KeyId = await kms.aws.admin.createKey();
});

const put = (...Statement: unknown[]) => alice.send(new PutKeyPolicyCommand({ KeyId, Policy: JSON.stringify({ Statement }) }));
const encrypt = (client: KMSClient, EncryptionContext?: Record<string, string>) =>
  client.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));
const denied = (call: Promise<unknown>, message?: string) => expectFailure(call, "AccessDeniedException", message);

describe("deny", () => {
  test("refuses one credential, one operation, one key, and any of them", async () => {
    const { admin } = kms.aws;
    const other = await admin.createKey();
    admin.deny({ credential: "bob", operation: "encrypt", key: KeyId });
    await denied(encrypt(bob), `User: ${user("bob")} is not authorized to perform: kms:Encrypt on resource: ${KeyId}`);
    await encrypt(alice);
    await bob.send(new EncryptCommand({ KeyId: other, Plaintext }));
    await bob.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" }));
    admin.deny({ credential: "bob" });
    await denied(bob.send(new ListKeysCommand({})));
    await denied(bob.send(new DescribeKeyCommand({ KeyId: "alias/none" })));
    admin.allowAll();
    await encrypt(bob);
    admin.deny({ key: KeyId });
    for (const client of [alice, bob]) await denied(encrypt(client));
    await alice.send(new ListKeysCommand({}));
  });
});

describe("a key policy", () => {
  test("is there from the beginning, and leaves the key to the account", async () => {
    const { Policy = "", PolicyName } = await alice.send(new GetKeyPolicyCommand({ KeyId }));
    expect(PolicyName).toBe("default");
    expect(JSON.parse(Policy)).toMatchObject({ Statement: [{ Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:root" } }] });
    expect((await alice.send(new ListKeyPoliciesCommand({ KeyId }))).PolicyNames).toEqual(["default"]);
    await encrypt(bob);
  });

  test("lets in whom it names, for what it names", async () => {
    await put(everything, { Effect: "Allow", Principal: { AWS: [user("bob")] }, Action: ["kms:Encrypt", "kms:Describe*"], Resource: "*" });
    await encrypt(bob);
    await bob.send(new DescribeKeyCommand({ KeyId }));
    await denied(bob.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256" })), "because no resource-based policy allows");
    await denied(encrypt(kms.client({ accessKeyId: "carol" })));
  });

  test("that denies is stronger than one that allows", async () => {
    await put(everything, { Effect: "Deny", Principal: "*", Action: "kms:Encrypt", Resource: "*" });
    await denied(encrypt(alice), "with an explicit deny in a resource-based policy");
    await put(everything, { Effect: "Deny", Principal: "*", NotAction: ["kms:Encrypt", "kms:PutKeyPolicy"], Resource: "*" });
    await encrypt(alice);
    await denied(alice.send(new DescribeKeyCommand({ KeyId })));
  });

  test.each([
    ["StringEquals", { "kms:EncryptionContext:tenant": "acme" }, { tenant: "acme" }, { tenant: "other" }],
    ["StringEquals", { "kms:EncryptionContext:TENANT": ["x", "acme"] }, { tenant: "acme" }, {}],
    ["StringNotEquals", { "kms:EncryptionContext:tenant": "other" }, { tenant: "acme" }, { tenant: "other" }],
    ["StringLike", { "kms:EncryptionContext:tenant": "ac?e*" }, { tenant: "acme-1" }, { tenant: "acm" }],
    ["StringLike", { "kms:EncryptionContext:tenant": "a.me" }, { tenant: "a.me" }, { tenant: "acme" }],
    ["StringEqualsIgnoreCase", { "kms:EncryptionContext:tenant": "ACME" }, { tenant: "acme" }, { tenant: "acm" }],
    ["Null", { "kms:EncryptionContext:tenant": "false" }, { tenant: "any" }, { other: "x" }],
    ["StringEqualsIfExists", { "kms:EncryptionContext:tenant": "acme" }, {}, { tenant: "other" }],
    ["ForAllValues:StringEquals", { "kms:EncryptionContextKeys": ["tenant", "app"] }, { tenant: "x" }, { tenant: "x", more: "y" }],
    ["ForAnyValue:StringEquals", { "kms:EncryptionContextKeys": ["tenant"] }, { tenant: "x", more: "y" }, { more: "y" }],
    ["ForAnyValue:StringNotEquals", { "kms:EncryptionContextKeys": ["tenant"] }, { tenant: "x", more: "y" }, { tenant: "y" }],
    ["ForAllValues:StringNotEquals", { "kms:EncryptionContextKeys": ["secret"] }, { tenant: "x" }, { secret: "x", tenant: "y" }],
    ["StringEquals", { "kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT", "kms:EncryptionContext:a": "b" }, { a: "b" }, { a: "c" }],
  ] as [string, object, Record<string, string>, Record<string, string>][])("%s %j", async (operator, condition, good, bad) => {
    await put(everything, {
      Effect: "Allow",
      Principal: { AWS: user("bob") },
      Action: "kms:Encrypt",
      Resource: "*",
      Condition: { [operator]: condition },
    });
    await encrypt(bob, good);
    await denied(encrypt(bob, bad));
  });

  test("tells the two halves of ReEncrypt, and whether both are of one key", async () => {
    const DestinationKeyId = await kms.aws.admin.createKey();
    const { CiphertextBlob } = await encrypt(alice);
    const move = (to: string) => bob.send(new ReEncryptCommand({ CiphertextBlob, DestinationKeyId: to }));
    const allow = (Action: string[], Condition?: object) =>
      put(everything, { Effect: "Allow", Principal: { AWS: user("bob") }, Action, Condition });
    await allow(["kms:ReEncryptTo"]);
    await denied(move(DestinationKeyId), "kms:ReEncryptFrom");
    await allow(["kms:ReEncryptFrom"]);
    await move(DestinationKeyId);
    await denied(move(KeyId), "kms:ReEncryptTo");
    await allow(["kms:ReEncrypt*"], { Bool: { "kms:ReEncryptOnSameKey": "true" } });
    await move(KeyId);
    await denied(move(DestinationKeyId), "kms:ReEncryptFrom");
  });

  test.each([
    ["no JSON", "{"],
    ["no statement", "{}"],
    ["another effect", JSON.stringify({ Statement: { ...everything, Effect: "Maybe" } })],
    ["no action", JSON.stringify({ Statement: { ...everything, Action: undefined } })],
    [
      "an operator that the emulator would ignore",
      JSON.stringify({ Statement: { ...everything, Condition: { DateLessThan: { x: "y" } } } }),
    ],
    ["everybody but one", JSON.stringify({ Statement: { ...everything, Principal: undefined, NotPrincipal: "*" } })],
    ["a lockout", JSON.stringify({ Statement: { ...everything, Action: "kms:Encrypt" } })],
  ])("is not %s", async (_what, Policy) => {
    await expectFailure(alice.send(new PutKeyPolicyCommand({ KeyId, Policy })), "MalformedPolicyDocumentException");
    await expectFailure(alice.send(new CreateKeyCommand({ Policy })), "MalformedPolicyDocumentException");
  });

  test("may lock out its author who says so, from the beginning", async () => {
    const Policy = JSON.stringify({ Statement: { ...everything, Effect: "Deny", Principal: "*" } });
    const made = await alice.send(new CreateKeyCommand({ Policy, BypassPolicyLockoutSafetyCheck: true }));
    await denied(alice.send(new EncryptCommand({ KeyId: made.KeyMetadata?.KeyId, Plaintext })));
  });
});

describe("a grant", () => {
  const granted = { GranteePrincipal: user("bob"), Operations: ["Encrypt", "Decrypt"] as ("Encrypt" | "Decrypt")[] };

  beforeEach(async () => {
    await put(everything);
  });

  test("works with its token, and without it only later", async () => {
    const { GrantToken = "", GrantId } = await alice.send(new CreateGrantCommand({ KeyId, ...granted }));
    await denied(encrypt(bob));
    const { CiphertextBlob } = await bob.send(new EncryptCommand({ KeyId, Plaintext, GrantTokens: [GrantToken] }));
    expect((await bob.send(new DecryptCommand({ CiphertextBlob, GrantTokens: [GrantToken] }))).KeyId).toBe(KeyId);
    await denied(bob.send(new GenerateDataKeyCommand({ KeyId, KeySpec: "AES_256", GrantTokens: [GrantToken] })));
    await denied(kms.client({ accessKeyId: "carol" }).send(new EncryptCommand({ KeyId, Plaintext, GrantTokens: [GrantToken] })));
    await alice.send(new RevokeGrantCommand({ KeyId, GrantId }));
    await expectFailure(bob.send(new EncryptCommand({ KeyId, Plaintext, GrantTokens: [GrantToken] })), "InvalidGrantTokenException");
  });

  test("works for the contexts that it names", async () => {
    const { GrantToken = "" } = await alice.send(
      new CreateGrantCommand({ KeyId, ...granted, Constraints: { EncryptionContextSubset: { tenant: "acme" } } }),
    );
    const exact = await alice.send(new CreateGrantCommand({ KeyId, ...granted, Constraints: { EncryptionContextEquals: { only: "x" } } }));
    const use = (EncryptionContext: Record<string, string>, token = GrantToken) =>
      bob.send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext, GrantTokens: [token] }));
    await use({ tenant: "acme", more: "x" });
    await denied(use({ tenant: "other" }));
    await use({ only: "x" }, exact.GrantToken);
    await denied(use({ only: "x", more: "x" }, exact.GrantToken));
  });

  test("is listed and retired", async () => {
    const { GrantToken, GrantId } = await alice.send(new CreateGrantCommand({ KeyId, ...granted, Name: "for bob" }));
    const list = async (filter = {}) => (await alice.send(new ListGrantsCommand({ KeyId, ...filter }))).Grants;
    expect(await list()).toMatchObject([
      { GrantId, Name: "for bob", GranteePrincipal: user("bob"), Operations: ["Encrypt", "Decrypt"], KeyId },
    ]);
    expect(await list({ GranteePrincipal: user("carol") })).toEqual([]);
    await bob.send(new RetireGrantCommand({ GrantToken }));
    expect(await list()).toEqual([]);
    await expectFailure(bob.send(new RetireGrantCommand({ GrantToken })), "InvalidGrantTokenException");
    await expectFailure(alice.send(new RevokeGrantCommand({ KeyId, GrantId })), "NotFoundException");
  });
});
