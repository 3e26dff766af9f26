import { Meter, Tracer } from "@opentelemetry/api";
import { Aad, Bytes, KekUnwrapper, KekWrapper } from "@letterlock/core";
interface TelemetryOptions {
  /** That of the global provider by default, under the name of this package. */
  readonly tracer?: Tracer | undefined;
  readonly meter?: Meter | undefined;
}
interface MissingKek {
  readonly provider: string;
  readonly keyRef: string;
  readonly code: "throttled" | "unavailable";
}
/** `onDegraded` of `sealAtLeast` that counts: one for each KEK that an envelope misses. */
declare function degradedSeals(options?: Pick<TelemetryOptions, "meter">): (missing: readonly MissingKek[]) => void;
/** The diagnostics channel on which the adapters of Letterlock publish a `ProviderCall` for each call of their provider. */
declare const providerCallChannel = "letterlock:provider-call";
/** One call of the provider's client that ended, well or badly. It holds nothing of the request or the answer. */
interface ProviderCall {
  /** "aws-kms" */
  readonly provider: string;
  readonly keyRef: string;
  /** The provider's own word, as its audit log has it: "Decrypt", "unwrapKey". */
  readonly operation: string;
  /** What the provider calls this request in its audit log; undefined where it does not say. */
  readonly requestId: string | undefined;
  /** What the client called it, where the audit log has that: in Azure. */
  readonly clientRequestId?: string | undefined;
}
/** What `tracedKeyring` needs of a ring: `createKeyring` of @letterlock/keyring makes one. Typed by its shape, so that this package does not need that one. */
interface TraceableRing extends TraceableContextRing, Disposable {
  forContext(context: Readonly<Record<string, string>>): TraceableContextRing;
  refresh(options?: object): Promise<unknown>;
  rewrap(keks: object, options?: object): Promise<unknown>;
  destroy(context: Readonly<Record<string, string>>, options?: object): Promise<unknown>;
  status(): RingStatus;
}
interface TraceableContextRing {
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
/**
 * The KEK, with a span and two measurements for each of its calls: who, what, which attempt, how long and how it ended. Inside `retrying` that is each attempt.
 * The span is the active one while the call runs, and gets the request ids that the adapter publishes. Nothing of a data key, a wrapped one, a
 * context, an error's message or its stack is recorded.
 */
declare function traced<K extends KekWrapper | KekUnwrapper>(kek: K, options?: TelemetryOptions): K;
interface KeyringTelemetryOptions extends TelemetryOptions {
  /** Which ring of the process it is: "letterlock.keyring" of every span and metric. "default" by default. */
  readonly name?: string | undefined;
}
/**
 * The ring, measured: how long operations took, how they ended and whether a key in memory served them ("letterlock.keyring.warm"), with a span for each
 * that had to wait; and gauges of `ring.status()` until the ring is disposed of. No context, aad, plaintext or record is recorded.
 */
declare function tracedKeyring<R extends TraceableRing>(ring: R, options?: KeyringTelemetryOptions): R;
export { type KeyringTelemetryOptions, type ProviderCall, type TelemetryOptions, type TraceableContextRing, type TraceableRing, degradedSeals, providerCallChannel, traced, tracedKeyring };
