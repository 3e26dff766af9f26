import { DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import type { Kek } from "@letterlock/core";
import { requireKey, takeDataKey } from "./answer.ts";
import { errorCode } from "./error-code.ts";
import { isSameKey } from "./key-arn.ts";
import { type AwsKmsOptions, readOptions } from "./options.ts";
import { requireRsaCiphertext } from "./rsa-ciphertext.ts";
import { sendingFor } from "./sanitized-call.ts";

/**
 * An RSA key of AWS KMS with the usage ENCRYPT_DECRYPT, by RSAES_OAEP_SHA_256. It takes no EncryptionContext, so nothing but the header binds the
 * context, and whoever has the public key can wrap for it (SPEC 10.3): `requireAuthenticatedWrap` leaves it out. It is never rotated.
 * Those who only seal need no credentials: `awsKmsPublicKey`.
 */
export function awsKmsRsa(options: AwsKmsOptions): Kek {
  const { client, keyArn, grants } = readOptions(options);
  const request = { KeyId: keyArn, EncryptionAlgorithm: "RSAES_OAEP_SHA_256", ...grants } as const;
  const sending = sendingFor(keyArn);
  return Object.freeze<Kek>({
    provider: "aws-kms",
    keyRef: keyArn,
    bindsContext: false,
    authenticatesWrap: false,
    errorCode,
    owns: ({ provider, keyRef }) => provider === "aws-kms" && isSameKey(keyRef, keyArn),

    async wrap(dataKey, { signal }) {
      const command = new EncryptCommand({ ...request, Plaintext: dataKey });
      const answer = await sending("Encrypt", () => client.send(command, { abortSignal: signal }));
      requireKey(answer.KeyId, keyArn);
      return { wrapped: requireRsaCiphertext(answer.CiphertextBlob, "provider-error") };
    },

    async unwrap(recipient, { signal }) {
      const CiphertextBlob = requireRsaCiphertext(recipient.wrapped, "not-authentic");
      const command = new DecryptCommand({ ...request, CiphertextBlob });
      return takeDataKey(await sending("Decrypt", () => client.send(command, { abortSignal: signal })), keyArn);
    },
  });
}
