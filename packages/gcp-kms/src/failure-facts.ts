/** The operations of the service that the KEK uses. */
export type KmsOperation = "encrypt" | "decrypt" | "getCryptoKey";

/** What is known of a failure, whichever client and transport told it. */
export interface FailureFacts {
  /** Undefined where only the error is known. */
  readonly operation: KmsOperation | undefined;
  /** The number of google.rpc.Code. */
  readonly status: number | undefined;
  /** Of the operating system: "ECONNRESET". */
  readonly systemCode: string | undefined;
  readonly text: string;
  /** The answer is not of the protocol: a page of a proxy, a body that was cut. */
  readonly unreadable: boolean;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** google/rpc/code.proto. */
export const statusNames: readonly string[] =
  "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED".split(
    " ",
  );

/** The other direction of the HTTP mapping in google/rpc/code.proto, for answers that say nothing more precise. */
const statusOfHttp: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  409: 10,
  429: 8,
  499: 1,
  501: 12,
  502: 14,
  503: 14,
  504: 4,
};

/**
 * An error is one of: grpc-js, `code` and `details`; google-gax 6 over REST, `code` and `message`; google-gax 5 over REST, the HTTP status as `code` and the
 * body as `message`; an error of google-auth-library or of the operating system, over REST with an HTTP status or an errno name as `code`.
 */
export function factsOf(error: unknown, operation?: KmsOperation): FailureFacts {
  const { code, details, message, name, cause, statusDetails, reason } = fieldsOf(error);
  const body = fieldsOf(fieldsOf(parsed(message)).error);
  const words = [details, body.message, message].find((one) => typeof one === "string") ?? "";
  const unreadable =
    name === "SyntaxError" || fieldsOf(cause).name === "SyntaxError" || /^(Error response from RPC|\s*<)/.test(String(words));
  const list = [statusDetails, body.details].find(Array.isArray) ?? [];
  // The code of a DOMException is a number of its own.
  const ownCode = name === "TimeoutError" || name === "AbortError" ? name : code;
  return {
    operation,
    status: statusOf(ownCode, body.status, unreadable),
    systemCode: textOf(ownCode) ?? textOf(fieldsOf(cause).code),
    text: unreadable ? "the answer could not be read" : String(words),
    unreadable,
    reason: textOf(reason) ?? textOf(list.map((one) => fieldsOf(one).reason).find(textOf)),
    retryAfterMs: milliseconds(list.map((one) => fieldsOf(one).retryDelay).find((delay) => delay !== undefined)),
  };
}

/** A page of a proxy or of another server says nothing about the key: its 404 is not the key's. */
function statusOf(code: unknown, named: unknown, unreadable: boolean): number | undefined {
  if (typeof code !== "number") return undefined;
  const known = statusNames.indexOf(String(named));
  const status = code < 100 ? code : known > 0 ? known : (statusOfHttp[code] ?? (code >= 500 ? 13 : undefined));
  return unreadable && (status === 3 || status === 5) ? 2 : status;
}

/** google.protobuf.Duration: decoded from protobuf, or JSON text such as "1.5s". */
function milliseconds(delay: unknown): number | undefined {
  const { seconds, nanos } = fieldsOf(delay);
  const ms = typeof delay === "string" ? Number.parseFloat(delay) * 1000 : Number(seconds ?? 0) * 1000 + Number(nanos ?? 0) / 1e6;
  return delay !== undefined && Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

function parsed(message: unknown): unknown {
  if (typeof message !== "string" || !message.startsWith("{")) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
