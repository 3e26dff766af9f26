import type { Aad, Bytes } from "@letterlock/core";

/** What `tracedKeyring` needs of a ring: `createKeyring` of @letterlock/keyring makes one. Typed by its shape, so that this package does not need that one. */
export interface TraceableRing extends TraceableContextRing, Disposable {
  forContext(context: Readonly<Record<string, string>>): TraceableContextRing;
  refresh(options?: object): Promise<unknown>;
  rewrap(keks: object, options?: object): Promise<unknown>;
  destroy(context: Readonly<Record<string, string>>, options?: object): Promise<unknown>;
  status(): RingStatus;
}

export interface TraceableContextRing {
  seal(plaintext: Uint8Array, call: RingCall): Promise<Bytes>;
  open(record: Uint8Array, call: RingCall): Promise<Bytes>;
  sealSync(plaintext: Uint8Array, call: RingCall): Bytes | undefined;
  openSync(record: Uint8Array, call: RingCall): Bytes | undefined;
}

interface RingCall {
  readonly aad: Aad;
  readonly signal?: AbortSignal | undefined;
}

interface RingStatus {
  readonly keks: readonly {
    readonly provider: string;
    readonly keyRef: string;
    /** Milliseconds since 1970. */
    readonly lastSuccess: number | undefined;
    readonly awaySince: number | undefined;
  }[];
  readonly keysInMemory: number;
  readonly intermediatesInMemory: number;
  readonly oldestKeyAgeMs: number | undefined;
}
