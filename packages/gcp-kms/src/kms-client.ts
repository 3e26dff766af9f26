/**
 * What the adapter needs of a client: `KeyManagementServiceClient` of @google-cloud/kms fits, of version 5 or 6, over gRPC or over REST (`fallback: true`).
 * A decorated client fits too, as long as it passes `options` on.
 */
export interface GcpKmsClient {
  /** Called before the first call: in the SDK, a failure of it that nobody awaits ends the process. */
  initialize?(): Promise<unknown>;
  encrypt(request: EncryptRequest, options: CallOptions): Promise<readonly [EncryptAnswer, ...unknown[]]>;
  decrypt(request: DecryptRequest, options: CallOptions): Promise<readonly [DecryptAnswer, ...unknown[]]>;
  getCryptoKey(request: { name: string }, options: CallOptions): Promise<readonly [CryptoKeyAnswer, ...unknown[]]>;
}

/** What the SDK takes as CallOptions. */
export interface CallOptions {
  /** Milliseconds. */
  readonly timeout: number;
  /** No retries: they are the caller's, who knows how long to go on. */
  readonly retry: null;
  /** Known to google-gax 6. Left out where the calls were seen to go over gRPC. */
  readonly signal?: AbortSignal;
  /** `options` are those of grpc-js, where an interceptor can end a call that google-gax 5 cannot. Ignored over REST. */
  readonly otherArgs: {
    readonly options: { readonly interceptors: readonly unknown[] };
    /** A name for the call in the audit log, while somebody listens on the channel "letterlock:provider-call". */
    readonly headers?: Readonly<Record<string, string>>;
  };
}

export interface EncryptRequest {
  name: string;
  plaintext: Uint8Array;
  plaintextCrc32c: { value: number };
  additionalAuthenticatedData: Uint8Array;
  additionalAuthenticatedDataCrc32c: { value: number };
}

export interface DecryptRequest {
  name: string;
  ciphertext: Uint8Array;
  ciphertextCrc32c: { value: number };
  additionalAuthenticatedData: Uint8Array;
  additionalAuthenticatedDataCrc32c: { value: number };
}

/** An Int64Value: a number, a Long or decimal text. */
export type AnswerChecksum = { readonly value?: unknown } | null | undefined;

export interface EncryptAnswer {
  readonly name?: string | null | undefined;
  readonly ciphertext?: Uint8Array | string | null | undefined;
  readonly ciphertextCrc32c?: AnswerChecksum;
  readonly verifiedPlaintextCrc32c?: boolean | null | undefined;
  readonly verifiedAdditionalAuthenticatedDataCrc32c?: boolean | null | undefined;
}

export interface DecryptAnswer {
  readonly plaintext?: Uint8Array | string | null | undefined;
  readonly plaintextCrc32c?: AnswerChecksum;
}

export interface CryptoKeyAnswer {
  readonly name?: string | null | undefined;
  readonly primary?: { readonly name?: string | null | undefined } | null | undefined;
}
