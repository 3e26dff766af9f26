import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, test } from "vitest";
import { awsKms, awsKmsPublicKey, awsKmsRsa, findAwsKmsKeys } from "../src/index.ts";

const client = new KMSClient({ region: "eu-west-1" });
const keyArn = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });

const misspelt: readonly [string, unknown, RegExp][] = [
  ["a bare id", "1234abcd-12ab-34cd-56ef-1234567890ab", /full ARN .* a bare id means another key/],
  ["a multi-Region id", "mrk-1234abcd12ab34cd56ef1234567890ab", /full ARN/],
  ["an alias", "alias/orders", /an alias can be pointed at another key/],
  ["an alias ARN", "arn:aws:kms:eu-west-1:111122223333:alias/orders", /an alias can be pointed at another key/],
  ["an ARN of another service", "arn:aws:s3:eu-west-1:111122223333:key/1234", /full ARN/],
  ["an ARN without an account", "arn:aws:kms:eu-west-1::key/1234", /full ARN/],
  ["an ARN with a space", `${keyArn} `, /full ARN/],
  ["an ARN with a line feed", `${keyArn}\n`, /full ARN/],
  ["a wildcard", "arn:aws:kms:eu-west-1:111122223333:key/*", /full ARN/],
  ["an ARN that no header can hold", `${keyArn}${"0".repeat(255)}`, /full ARN/],
  ["nothing", undefined, /full ARN/],
  ["a number", 7, /full ARN/],
];

describe.each([
  ["awsKms", awsKms],
  ["awsKmsRsa", awsKmsRsa],
])("%s", (_name, make) => {
  test.each(misspelt)("refuses %s as keyArn", (_what, wrong, message) => {
    expect(() => make({ client, keyArn: wrong as string })).toThrow(TypeError);
    expect(() => make({ client, keyArn: wrong as string })).toThrow(message);
  });

  test.each([
    ["aws", "us-east-1"],
    ["aws-cn", "cn-north-1"],
    ["aws-us-gov", "us-gov-west-1"],
    ["aws-iso-b", "us-isob-east-1"],
  ])("takes a key of the partition %s", (partition, region) => {
    expect(make({ client, keyArn: `arn:${partition}:kms:${region}:111122223333:key/1234` }).provider).toBe("aws-kms");
  });

  test("refuses an option that it does not have", () => {
    expect(() => make({ client, keyArn, keyId: "x" } as never)).toThrow('unknown option "keyId"; known are client, keyArn, grantTokens');
  });

  test.each([[undefined], [null], ["options"]])("refuses %j as options", (wrong) => {
    expect(() => make(wrong as never)).toThrow(TypeError);
  });

  test.each([[undefined], [null], [{}], ["https://kms"]])("refuses %j as client", (wrong) => {
    expect(() => make({ client: wrong as never, keyArn })).toThrow("client must be a KMSClient");
  });

  test.each([["token"], [[1]], [[""]], [{}]])("refuses %j as grantTokens", (wrong) => {
    expect(() => make({ client, keyArn, grantTokens: wrong as never })).toThrow("grantTokens must be an array");
  });

  test("cannot be changed afterwards", () => {
    expect(Object.isFrozen(make({ client, keyArn }))).toBe(true);
  });
});

test("a symmetric key declares what it can do", () => {
  const kek = awsKms({ client, keyArn });
  expect(kek).toMatchObject({ provider: "aws-kms", keyRef: keyArn, bindsContext: true, authenticatesWrap: true });
  for (const member of ["generate", "rewrap", "currentVersion"] as const) expect(kek[member]).toBeTypeOf("function");
});

test("an RSA key declares what it cannot do", () => {
  const kek = awsKmsRsa({ client, keyArn });
  expect(kek).toMatchObject({ provider: "aws-kms", keyRef: keyArn, bindsContext: false, authenticatesWrap: false });
  for (const member of ["generate", "rewrap", "currentVersion"] as const) expect(kek[member]).toBeUndefined();
});

describe("awsKmsPublicKey", () => {
  const der = rsa.publicKey.export({ type: "spki", format: "der" });
  const pem = rsa.publicKey.export({ type: "spki", format: "pem" });

  test.each([
    ["a KeyObject", rsa.publicKey],
    ["PEM", pem],
    ["DER", new Uint8Array(der)],
  ])("takes %s", (_what, publicKey) => {
    const kek = awsKmsPublicKey({ publicKey, keyArn });
    expect(kek).toMatchObject({ provider: "aws-kms", keyRef: keyArn, bindsContext: false, authenticatesWrap: false });
    expect(Object.keys(kek)).not.toContain("unwrap");
    expect(Object.isFrozen(kek)).toBe(true);
  });

  test.each([
    ["a private KeyObject", rsa.privateKey],
    ["a private key in PEM", rsa.privateKey.export({ type: "pkcs8", format: "pem" })],
    ["a certificate", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----"],
    ["a short key", generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey],
    ["an exponent that the service does not use", generateKeyPairSync("rsa", { modulusLength: 2048, publicExponent: 3 }).publicKey],
    ["an elliptic curve", generateKeyPairSync("ec", { namedCurve: "prime256v1" }).publicKey],
    ["a length of no key of the service", createPublicKey({ key: jwkOf(2560), format: "jwk" })],
    ["nothing", undefined],
  ])("refuses %s", (_what, publicKey) => {
    expect(() => awsKmsPublicKey({ publicKey: publicKey as never, keyArn })).toThrow(/^publicKey must be /);
    expect(() => awsKmsPublicKey({ publicKey: publicKey as never, keyArn })).toThrow(TypeError);
  });

  test.each(misspelt)("refuses %s as keyArn", (_what, wrong, message) => {
    expect(() => awsKmsPublicKey({ publicKey: pem, keyArn: wrong as string })).toThrow(message);
  });

  test("refuses bytes that are no key", () => {
    expect(() => awsKmsPublicKey({ publicKey: new Uint8Array(32), keyArn })).toThrow(/^publicKey must be /);
  });

  test("refuses an option that it does not have", () => {
    expect(() => awsKmsPublicKey({ publicKey: pem, keyArn, client } as never)).toThrow('unknown option "client"');
  });
});

describe("findAwsKmsKeys", () => {
  test.each([
    ["no filter", undefined, "filter options must be an object"],
    ["an empty filter", {}, "filter must name an account, a tag or an alias"],
    ["another filter", { name: "x" }, 'unknown filter option "name"'],
    ["an account that is none", { account: "1" }, "account must be 12 digits"],
    ["an alias that is none", { alias: "orders" }, "alias must begin with alias/"],
    ["a star in the middle", { alias: "alias/*/orders" }, "alias must begin with alias/"],
    ["a tag without a key", { tag: { value: "x" } }, "tag must be { key, value? }"],
    ["a tag with a number", { tag: { key: "x", value: 1 } }, "the value of a tag must be text"],
  ])("refuses %s", async (_what, filter, message) => {
    await expect(findAwsKmsKeys({ client, filter: filter as never })).rejects.toThrow(message);
    await expect(findAwsKmsKeys({ client, filter: filter as never })).rejects.toThrow(TypeError);
  });

  test("refuses an option that it does not have", async () => {
    await expect(findAwsKmsKeys({ client, filter: { alias: "alias/x" }, limit: 3 } as never)).rejects.toThrow('unknown option "limit"');
  });
});

/** Any odd number of this length: nothing encrypts with it. */
function jwkOf(bits: number): { kty: "RSA"; n: string; e: string } {
  return { kty: "RSA", n: Buffer.alloc(bits / 8, 0xff).toString("base64url"), e: "AQAB" };
}
