import { Kek, KekErrorCode, KekWrapper } from "@letterlock/core";
/** What the KEK throws: facts of a failure, and nothing of the request. */
interface CloudKmsError extends Error {
  readonly name: "CloudKmsError";
  readonly meaning: KekErrorCode;
  /** The number of google.rpc.Code, or an error of the operating system ("ECONNRESET"). */
  readonly code: number | string | undefined;
  /** Of google.rpc.ErrorInfo: "RATE_LIMIT_EXCEEDED". */
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
}
/**
 * What the adapter needs of a client: `KeyManagementServiceClient` of @google-cloud/kms fits, of version 5 or 6, over gRPC or over REST (`fallback: true`).
 * A decorated client fits too, as long as it passes `options` on.
 */
interface GcpKmsClient {
  /** Called before the first call: in the SDK, a failure of it that nobody awaits ends the process. */
  initialize?(): Promise<unknown>;
  encrypt(request: EncryptRequest, options: CallOptions): Promise<readonly [EncryptAnswer, ...unknown[]]>;
  decrypt(request: DecryptRequest, options: CallOptions): Promise<readonly [DecryptAnswer, ...unknown[]]>;
  getCryptoKey(request: {
    name: string;
  }, options: CallOptions): Promise<readonly [CryptoKeyAnswer, ...unknown[]]>;
}
/** What the SDK takes as CallOptions. */
interface CallOptions {
  /** Milliseconds. */
  readonly timeout: number;
  /** No retries: they are the caller's, who knows how long to go on. */
  readonly retry: null;
  /** Known to google-gax 6. Left out where the calls were seen to go over gRPC. */
  readonly signal?: AbortSignal;
  /** `options` are those of grpc-js, where an interceptor can end a call that google-gax 5 cannot. Ignored over REST. */
  readonly otherArgs: {
    readonly options: {
      readonly interceptors: readonly unknown[];
    };
    /** A name for the call in the audit log, while somebody listens on the channel "letterlock:provider-call". */
    readonly headers?: Readonly<Record<string, string>>;
  };
}
interface EncryptRequest {
  name: string;
  plaintext: Uint8Array;
  plaintextCrc32c: {
    value: number;
  };
  additionalAuthenticatedData: Uint8Array;
  additionalAuthenticatedDataCrc32c: {
    value: number;
  };
}
interface DecryptRequest {
  name: string;
  ciphertext: Uint8Array;
  ciphertextCrc32c: {
    value: number;
  };
  additionalAuthenticatedData: Uint8Array;
  additionalAuthenticatedDataCrc32c: {
    value: number;
  };
}
/** An Int64Value: a number, a Long or decimal text. */
type AnswerChecksum = {
  readonly value?: unknown;
} | null | undefined;
interface EncryptAnswer {
  readonly name?: string | null | undefined;
  readonly ciphertext?: Uint8Array | string | null | undefined;
  readonly ciphertextCrc32c?: AnswerChecksum;
  readonly verifiedPlaintextCrc32c?: boolean | null | undefined;
  readonly verifiedAdditionalAuthenticatedDataCrc32c?: boolean | null | undefined;
}
interface DecryptAnswer {
  readonly plaintext?: Uint8Array | string | null | undefined;
  readonly plaintextCrc32c?: AnswerChecksum;
}
interface CryptoKeyAnswer {
  readonly name?: string | null | undefined;
  readonly primary?: {
    readonly name?: string | null | undefined;
  } | null | undefined;
}
interface GcpKmsOptions {
  /** Credentials, endpoint and transport are the client's. Its retries and time limits are not used: a call is made once and ends within `gcpKmsTimeoutMs`. */
  readonly client: GcpKmsClient;
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K`. Never a version of it: the service encrypts with the primary one, and finds the one to decrypt with. */
  readonly keyName: string;
}
/** A KEK in Cloud KMS. It makes no data keys and cannot rewrap: the service has neither operation. */
interface GcpKmsKek extends Kek {
  currentVersion: NonNullable<KekWrapper["currentVersion"]>;
}
/**
 * A symmetric key of Google Cloud KMS, purpose ENCRYPT_DECRYPT. The associated data of SPEC section 4 is the additionalAuthenticatedData; checksums guard what
 * is sent and what comes back. keyVersion is the number of the version that encrypted. Each call ends within `gcpKmsTimeoutMs`, and makes one request.
 */
declare function gcpKms(options: GcpKmsOptions): GcpKmsKek;
/** Milliseconds that a call of the KEK may take, credentials included. The SDK's own default is to go on for minutes. */
declare const gcpKmsTimeoutMs = 10000;
export { type CloudKmsError, type GcpKmsClient, type GcpKmsKek, type GcpKmsOptions, gcpKms, gcpKmsTimeoutMs };
