import { Buffer } from "node:buffer";
import { constants, createPublicKey, KeyObject, publicEncrypt } from "node:crypto";
import type { KekWrapper } from "@letterlock/core";
import { errorCode } from "./error-code.ts";
import { requireKeyArn, requireOptions } from "./options.ts";
import { rsaKeyBytes } from "./rsa-ciphertext.ts";

export interface AwsKmsPublicKeyOptions {
  /** What GetPublicKey returned: DER or PEM of the SubjectPublicKeyInfo, or the `KeyObject` made of it. RSA of 2048, 3072 or 4096 bits. */
  readonly publicKey: KeyObject | string | Uint8Array;
  /** The full ARN of the key that it belongs to. Nothing here can check that it does: take both from one answer of GetPublicKey. */
  readonly keyArn: string;
}

/** Wraps for an RSA key of AWS KMS on this machine, without credentials and without a call. What it wraps, `awsKmsRsa` with the same ARN opens. */
export function awsKmsPublicKey(options: AwsKmsPublicKeyOptions): KekWrapper {
  requireOptions(options, ["publicKey", "keyArn"]);
  requireKeyArn(options.keyArn);
  const key = readPublicKey(options.publicKey);
  return Object.freeze<KekWrapper>({
    provider: "aws-kms",
    keyRef: options.keyArn,
    bindsContext: false,
    authenticatesWrap: false,
    errorCode,
    async wrap(dataKey) {
      return { wrapped: publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, dataKey) };
    },
  });
}

const expected =
  "an RSA key of 2048, 3072 or 4096 bits, as GetPublicKey returns it: its DER bytes, PEM that begins with -----BEGIN PUBLIC KEY-----, or a KeyObject";

function readPublicKey(given: unknown): KeyObject {
  const key = given instanceof KeyObject ? given : parsePublicKey(given);
  const { modulusLength = 0, publicExponent } = key?.asymmetricKeyDetails ?? {};
  // The service makes keys of these lengths and this exponent and no others, so anything else is the key of somebody else.
  if (key?.type === "public" && key.asymmetricKeyType === "rsa" && rsaKeyBytes.includes(modulusLength / 8) && publicExponent === 65537n) {
    return key;
  }
  throw new TypeError(`publicKey must be ${expected}`);
}

function parsePublicKey(given: unknown): KeyObject | undefined {
  try {
    // A private key in PEM would be taken for its public half.
    if (typeof given === "string" && given.includes("-----BEGIN PUBLIC KEY-----")) return createPublicKey(given);
    return given instanceof Uint8Array ? createPublicKey({ key: Buffer.from(given), format: "der", type: "spki" }) : undefined;
  } catch {
    return undefined;
  }
}
