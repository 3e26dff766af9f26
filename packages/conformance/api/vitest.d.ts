import { Kek, KekErrorCode, KekUnwrapper, KekWrapper } from "@letterlock/core";
/** The suite uses two keys of one provider. */
type KeyName = "a" | "b";
/** A failure that a service can be made to answer with. */
type FaultCode = Exclude<KekErrorCode, "not-authentic">;
/** One request as the service saw it. `takeRequests` of an emulator fits. */
interface KekRequest {
  /** The service's own word. */
  readonly operation: string;
  /** The key that the request names, spelt as the keyRef of the KEK; undefined when it names none. */
  readonly key: string | undefined;
}
type Awaitable<T> = T | Promise<T>;
/**
 * A KEK under test, and what can be done to its service. One of `create`, `createWrapper` and `createUnwrapper` is needed; every other member is
 * optional, and the cases that need a missing one are "unproven". Members may be asynchronous and may reject; a rejection fails the case.
 *
 * Every function that makes a KEK makes a new one. When a case is over, the suite disposes of the KEKs that it made, where they have `Symbol.dispose` or
 * `Symbol.asyncDispose`: the place to take back a fault that was set for the whole service. A case makes its faulty KEK last and its healthy ones first.
 */
interface KekSubject {
  /** A KEK for a key that stays the same while the suite runs. Undefined where there is no such key: `letterlock doctor` has only "a". */
  readonly create?: ((key: KeyName) => Awaitable<Kek | undefined>) | undefined;
  /** Wraps where `create` would: for a KEK that only wraps, such as one that holds a public key. */
  readonly createWrapper?: ((key: KeyName) => Awaitable<KekWrapper | undefined>) | undefined;
  /** Unwraps where `create` would: for a KEK that only unwraps, and as the counterpart of `createWrapper`. */
  readonly createUnwrapper?: ((key: KeyName) => Awaitable<KekUnwrapper | undefined>) | undefined;
  /** The same KEK with its calls coalesced into batches, where the adapter offers that. */
  readonly createBatching?: ((key: KeyName) => Awaitable<Kek | undefined>) | undefined;
  /** A KEK that wraps for key a with nothing but its public half. Needed where `authenticatesWrap` is false, unless `createWrapper` is one. */
  readonly publicWrapper?: (() => Awaitable<KekWrapper>) | undefined;
  /** The wrapper sends nothing: it wraps under a public key that it holds. Then no request may reach the service, and it must not claim `authenticatesWrap`. */
  readonly wrapsOffline?: boolean | undefined;
  /** Makes a new version of key a. Called at most once in a run. It may take effect later, within `patienceMs`. */
  readonly rotate?: (() => Awaitable<unknown>) | undefined;
  /** Makes key a unusable until `enable`: nothing that was wrapped before may unwrap. */
  readonly disable?: (() => Awaitable<unknown>) | undefined;
  readonly enable?: (() => Awaitable<unknown>) | undefined;
  /** KEKs whose every call fails in one known way. "kek-unusable" is not needed beside `disable` and `enable`; "provider-error" is any other failure. */
  readonly faults?: { readonly [code in FaultCode]?: (() => Awaitable<Kek | KekWrapper | KekUnwrapper>) | undefined; } | undefined;
  /** A KEK for key a whose calls are never answered: aborts and deadlines of the caller. */
  readonly hanging?: (() => Awaitable<Kek | KekWrapper | KekUnwrapper>) | undefined;
  /** A KEK for key a whose calls are never answered, with a client that soon gives up by itself: the provider's own time-out. */
  readonly timingOut?: (() => Awaitable<Kek | KekWrapper | KekUnwrapper>) | undefined;
  /** A KEK for key a whose service does its work and answers with the name of key b: the check of the response. */
  readonly answersFromAnotherKey?: (() => Awaitable<Kek | KekWrapper | KekUnwrapper>) | undefined;
  /** What reached the service since the last call. Nothing else may use the service meanwhile. */
  readonly requests?: (() => Awaitable<readonly KekRequest[]>) | undefined;
  /** Names for `owns`: `same` name key a too (the replica of a key in another region), `other` name another key although they look alike. */
  readonly keyRefs?: {
    readonly same: readonly string[];
    readonly other: readonly string[];
  } | undefined;
  /** More ciphertexts of the same service that are no wrapped key of Letterlock: of another algorithm, without a context. Each 1 to 2048 bytes. */
  readonly foreignCiphertexts?: (() => Awaitable<readonly Uint8Array[]>) | undefined;
}
/** One requirement on a KEK. */
interface ConformanceCase {
  /** Stable: what manifests and reports name. */
  readonly id: string;
  /** Finishes the sentence "the KEK ...". */
  readonly title: string;
  /** What is required, why, and of whom, in a few sentences. */
  readonly requirement: string;
  /** "many": tens or hundreds of calls to the service, most of which may be refused. */
  readonly calls: "few" | "many";
  /** The case rotates or disables key a. The others wrap and unwrap and leave nothing behind: they are safe on a key in use. */
  readonly changesKey: boolean;
  /** Why the case cannot run on this subject. */
  skip(subject: KekSubject): string | undefined;
  /** Rejects where the requirement is not met. Resolves to a remark where the KEK has declared that it does not apply. */
  run(subject: KekSubject, settings?: CaseSettings): Promise<string | undefined>;
}
/** The same object for all cases of one run: what costs the service most, such as a rotation, is then shared. */
interface CaseSettings {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds in which a call settles, an abort ends it, and a rotation, disabling or enabling takes effect. 10,000 by default. */
  readonly patienceMs?: number | undefined;
  /** How many bytes of a wrapped key the tampering case changes, one at a time, spread over it. All of them by default. */
  readonly tamperedBytes?: number | undefined;
}
/**
 * What a server cannot judge, kept beside the server's launcher. A listed case is run all the same, and reported as unproven whatever comes out;
 * where it passes, the result is marked as stale, because the server has learnt something and the entry has to go.
 */
type FidelityManifest = readonly FidelityEntry[];
interface FidelityEntry {
  /** The id of the case. */
  readonly id: string;
  /** Why the server cannot judge it. */
  readonly reason: string;
  /** What the server does instead. */
  readonly instead: string;
}
interface TestOptions extends Omit<CaseSettings, "signal"> {
  /** Which cases to register; all by default. */
  readonly select?: ((one: ConformanceCase) => boolean) | undefined;
  readonly manifest?: FidelityManifest | undefined;
  /** What an unproven case that the manifest does not list is: skipped with its reason, which is the default, or failed. Listed ones are skipped. */
  readonly unproven?: "skip" | "fail" | undefined;
  /** Of one test, in milliseconds; 60,000 by default. */
  readonly timeoutMs?: number | undefined;
}
/**
 * Registers one vitest test per case, in a `describe` of its own. The tests run one after the other, because they share the service.
 * A listed case that passes fails its test: the manifest is out of date.
 */
declare function testKek(name: string, subject: KekSubject, options?: TestOptions): void;
export { TestOptions, testKek };
