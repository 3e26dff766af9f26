import { DecryptCommand, DescribeKeyCommand, EncryptCommand, GenerateDataKeyCommand, ReEncryptCommand } from "@aws-sdk/client-kms";
import type { Kek, KekCall, KekUnwrapper, KekWrapper } from "@letterlock/core";
import { blobOf, requireBlob, requireKey, takeDataKey, versionOf } from "./answer.ts";
import { errorCode } from "./error-code.ts";
import { isSameKey } from "./key-arn.ts";
import { type AwsKmsOptions, readOptions } from "./options.ts";
import { sendingFor } from "./sanitized-call.ts";

/** A KEK in AWS KMS that can also make data keys, tell its version and rewrap inside the service. */
export interface AwsKmsKek extends Kek {
  generate: NonNullable<KekWrapper["generate"]>;
  currentVersion: NonNullable<KekWrapper["currentVersion"]>;
  rewrap: NonNullable<KekUnwrapper["rewrap"]>;
}

/**
 * A symmetric encryption key of AWS KMS. The whole context, and the pair "letterlock" of SPEC 6.1, is the EncryptionContext: key policies can demand it,
 * CloudTrail shows it in clear. Every request names `keyArn`, whatever an envelope says; a multi-Region key also opens what its replicas wrapped.
 * keyVersion is the id of the key material, where the service tells it: Encrypt does not, GenerateDataKey and ReEncrypt do.
 * An answer that names another key is "provider-error", and the key in it is zeroed; `wrapped` of an impossible length is "not-authentic" without a call.
 */
export function awsKms(options: AwsKmsOptions): AwsKmsKek {
  const { client, keyArn, grants } = readOptions(options);
  const bound = ({ encryptionContext }: KekCall) => ({ KeyId: keyArn, EncryptionContext: { ...encryptionContext }, ...grants });
  const until = ({ signal }: { readonly signal: AbortSignal }) => ({ abortSignal: signal });
  const sending = sendingFor(keyArn);
  return Object.freeze<AwsKmsKek>({
    provider: "aws-kms",
    keyRef: keyArn,
    bindsContext: true,
    authenticatesWrap: true,
    errorCode,
    owns: ({ provider, keyRef }) => provider === "aws-kms" && isSameKey(keyRef, keyArn),

    async wrap(dataKey, call) {
      const answer = await sending("Encrypt", () => client.send(new EncryptCommand({ ...bound(call), Plaintext: dataKey }), until(call)));
      requireKey(answer.KeyId, keyArn);
      return { wrapped: blobOf(answer), keyVersion: undefined };
    },

    async generate(call) {
      const command = new GenerateDataKeyCommand({ ...bound(call), KeySpec: "AES_256" });
      const answer = await sending("GenerateDataKey", () => client.send(command, until(call)));
      return { dataKey: takeDataKey(answer, keyArn), wrapped: blobOf(answer), keyVersion: versionOf(answer.KeyMaterialId) };
    },

    async unwrap(recipient, call) {
      const CiphertextBlob = requireBlob(recipient.wrapped);
      const command = new DecryptCommand({ ...bound(call), CiphertextBlob });
      return takeDataKey(await sending("Decrypt", () => client.send(command, until(call))), keyArn);
    },

    async rewrap(recipient, call) {
      const { KeyId, EncryptionContext } = bound(call);
      const command = new ReEncryptCommand({
        CiphertextBlob: requireBlob(recipient.wrapped),
        SourceKeyId: KeyId,
        SourceEncryptionContext: EncryptionContext,
        DestinationKeyId: KeyId,
        DestinationEncryptionContext: EncryptionContext,
        ...grants,
      });
      const answer = await sending("ReEncrypt", () => client.send(command, until(call)));
      requireKey(answer.SourceKeyId, keyArn);
      requireKey(answer.KeyId, keyArn);
      return { wrapped: blobOf(answer), keyVersion: versionOf(answer.DestinationKeyMaterialId) };
    },

    async currentVersion(call) {
      const { KeyMetadata } = await sending("DescribeKey", () =>
        client.send(new DescribeKeyCommand({ KeyId: keyArn, ...grants }), until(call)),
      );
      requireKey(KeyMetadata?.Arn, keyArn);
      return versionOf(KeyMetadata?.CurrentKeyMaterialId);
    },
  });
}
