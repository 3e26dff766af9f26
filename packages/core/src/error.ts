/** What a provider failure means. Stable; messages are not. */
export type KekErrorCode =
  | "access-denied"
  | "kek-not-found"
  | "kek-unusable"
  | "not-authentic"
  | "throttled"
  | "unavailable"
  | "provider-error";

/** The closed set of SPEC section 9. */
export type LetterlockErrorCode =
  | KekErrorCode
  | "malformed"
  | "limit-exceeded"
  | "unsupported"
  | "wrong-usage"
  | "context-mismatch"
  | "no-matching-kek"
  | "unknown-key"
  | "truncated"
  | "out-of-range";

/** `cause` is not enumerable here and on the error, and absent from JSON and util.inspect: SDK errors can hold the request, and so a key or a token. */
export interface Attempt {
  readonly provider: string;
  readonly keyRef: string;
  readonly code: LetterlockErrorCode;
  readonly cause: unknown;
}

const kekErrorCodes: ReadonlySet<string> = new Set<KekErrorCode>([
  "access-denied",
  "kek-not-found",
  "kek-unusable",
  "not-authentic",
  "throttled",
  "unavailable",
  "provider-error",
]);
const brand = Symbol.for("letterlock.error");

export function isKekErrorCode(code: unknown): code is KekErrorCode {
  return typeof code === "string" && kekErrorCodes.has(code);
}

/** Retryable as SPEC section 9 defines it: the same call may succeed later. */
export function isRetryable(code: LetterlockErrorCode): boolean {
  return code === "throttled" || code === "unavailable";
}

/**
 * Every failure that is not the caller's misuse (TypeError, RangeError) or the caller's own abort (`signal.reason`).
 * `code` is stable and comes from SPEC section 9; the message is for people and may change.
 * `attempts` lists every KEK that was tried and failed, in the order of the calls.
 */
export class LetterlockError extends Error {
  readonly code: LetterlockErrorCode;
  readonly provider: string | undefined;
  readonly keyRef: string | undefined;
  readonly attempts: readonly Attempt[];

  constructor(
    code: LetterlockErrorCode,
    message: string,
    options: {
      readonly provider?: string | undefined;
      readonly keyRef?: string | undefined;
      readonly attempts?: readonly Attempt[] | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(message);
    this.code = code;
    this.provider = options.provider;
    this.keyRef = options.keyRef;
    this.attempts = (options.attempts ?? []).map(attempt);
    if (options.cause !== undefined) hide(this, "cause", options.cause);
  }

  /** A later call may succeed: throttled or unavailable. */
  get retryable(): boolean {
    return isRetryable(this.code);
  }

  static {
    Object.defineProperties(LetterlockError.prototype, {
      name: { value: "LetterlockError", configurable: true, writable: true },
      [brand]: { value: true },
      toJSON: { value: publicData, configurable: true, writable: true },
      // util.inspect shows `cause` even where it is not enumerable, so what it shows is written here.
      [Symbol.for("nodejs.util.inspect.custom")]: { value: inspected, configurable: true, writable: true },
    });
  }

  /** True across duplicate installations. */
  static is(error: unknown): error is LetterlockError {
    return error instanceof Error && brand in error;
  }
}
function publicData(this: LetterlockError): Record<string, unknown> {
  const { name, code, message, provider, keyRef, retryable } = this;
  const attempts = this.attempts.map((a) => ({ provider: a.provider, keyRef: a.keyRef, code: a.code }));
  return { name, code, message, provider, keyRef, retryable, attempts };
}

function inspected(this: LetterlockError, _depth: number, options: object, inspect: (value: unknown, options: object) => string): string {
  const { name, message, ...fields } = publicData.call(this);
  return `${this.stack ?? `${name}: ${message}`} ${inspect(fields, options)}`;
}

/** An Attempt whose cause stays out of JSON, of spreads and of util.inspect. */
export function attempt({ provider, keyRef, code, cause }: Attempt): Attempt {
  return hide({ provider, keyRef, code }, "cause", cause) as Attempt;
}

/** A getter, because node prints the `cause` of an uncaught error without custom functions, enumerable or not, but not what a getter would return. */
function hide<T extends object>(target: T, name: string, value: unknown): T {
  return Object.defineProperty(target, name, { get: () => value, enumerable: false, configurable: true });
}
