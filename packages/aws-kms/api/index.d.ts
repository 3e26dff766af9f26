import { Kek, KekErrorCode, KekUnwrapper, KekWrapper } from "@letterlock/core";
import { KMSClient } from "@aws-sdk/client-kms";
import { KeyObject } from "node:crypto";
interface AwsKmsOptions {
  /** Configured as you like: its region is the key's, and its retries and time limits are yours. */
  readonly client: KMSClient;
  /** The full ARN of the key: `arn:aws:kms:eu-west-1:111122223333:key/…`. An alias can be pointed at another key, and a bare id means another key in another account. */
  readonly keyArn: string;
  /** Sent with every call: for a grant that is too new to be known everywhere. */
  readonly grantTokens?: readonly string[] | undefined;
}
/** A KEK in AWS KMS that can also make data keys, tell its version and rewrap inside the service. */
interface AwsKmsKek extends Kek {
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
declare function awsKms(options: AwsKmsOptions): AwsKmsKek;
/** What leaves the package in place of an error of the SDK: facts of a failure, and nothing of the request, the answer or the credentials. */
interface AwsKmsError extends Error {
  /** As the SDK has it: of the service ("ThrottlingException"), of a provider of credentials ("CredentialsProviderError") or of this machine ("TimeoutError"). */
  readonly name: string;
  readonly meaning: KekErrorCode;
  /** Of the operating system: "ECONNRESET". */
  readonly code: string | undefined;
  /** Of the HTTP answer. */
  readonly statusCode: number | undefined;
  /** What CloudTrail calls the request. */
  readonly requestId: string | undefined;
  /** The same call can succeed later: `meaning` is "throttled" or "unavailable". */
  readonly retryable: boolean;
}
interface AwsKmsPublicKeyOptions {
  /** What GetPublicKey returned: DER or PEM of the SubjectPublicKeyInfo, or the `KeyObject` made of it. RSA of 2048, 3072 or 4096 bits. */
  readonly publicKey: KeyObject | string | Uint8Array;
  /** The full ARN of the key that it belongs to. Nothing here can check that it does: take both from one answer of GetPublicKey. */
  readonly keyArn: string;
}
/** Wraps for an RSA key of AWS KMS on this machine, without credentials and without a call. What it wraps, `awsKmsRsa` with the same ARN opens. */
declare function awsKmsPublicKey(options: AwsKmsPublicKeyOptions): KekWrapper;
/**
 * An RSA key of AWS KMS with the usage ENCRYPT_DECRYPT, by RSAES_OAEP_SHA_256. It takes no EncryptionContext, so nothing but the header binds the
 * context, and whoever has the public key can wrap for it (SPEC 10.3): `requireAuthenticatedWrap` leaves it out. It is never rotated.
 * Those who only seal need no credentials: `awsKmsPublicKey`.
 */
declare function awsKmsRsa(options: AwsKmsOptions): Kek;
/** A key must meet everything that is named, and at least one thing is. */
interface AwsKmsKeyFilter {
  /** 12 digits. Keys are always those of the account whose credentials the client has: with those of another account, nothing is found. */
  readonly account?: string | undefined;
  /** The key carries this tag, with this value if one is given. */
  readonly tag?: {
    readonly key: string;
    readonly value?: string | undefined;
  } | undefined;
  /** "alias/orders", or with a star at its end all that begin so: "alias/orders-*". */
  readonly alias?: string | undefined;
}
interface FindAwsKmsKeysOptions {
  /** Its account and region are searched, and the KEKs use it. */
  readonly client: KMSClient;
  readonly filter: AwsKmsKeyFilter;
  /** Given to every KEK. */
  readonly grantTokens?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}
/**
 * The keys of an account and region that can be KEKs, for set-up: list them once, look at them, and pass them on. Opening never searches.
 * Symmetric encryption keys that are enabled and managed by the customer, in the order of their ARNs; others are left out. Rejects with an `AwsKmsError`
 * as soon as one question fails, because a list with a gap would seal for fewer keys than somebody believes.
 */
declare function findAwsKmsKeys(options: FindAwsKmsKeysOptions): Promise<readonly AwsKmsKek[]>;
export { type AwsKmsError, type AwsKmsKek, type AwsKmsKeyFilter, type AwsKmsOptions, type AwsKmsPublicKeyOptions, type FindAwsKmsKeysOptions, awsKms, awsKmsPublicKey, awsKmsRsa, findAwsKmsKeys };
