import { cutText } from "./cut-text.ts";

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
  /** Of the service, or of whoever answered in its place, without what can be a secret. */
  readonly text: string;
  /** The answer is not of the protocol: a page of a proxy, a body that was cut. */
  readonly unreadable: boolean;
  readonly reason: string | undefined;
  readonly retryAfterMs: number | undefined;
}

type Fields = Readonly<Record<PropertyKey, unknown>>;

/** google/rpc/code.proto. */
export const statusNames: readonly string[] =
  "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED".split(
    " ",
  );

/** The other direction of the HTTP mapping in google/rpc/code.proto, for answers that say nothing more precise. */
const statusesOfHttp: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  408: 4,
  409: 10,
  429: 8,
  499: 1,
  501: 12,
  502: 14,
  503: 14,
  504: 4,
};

/**
 * An error is one of: grpc-js, `code` and `details`; google-gax 6 over REST, `code` and `message`, and in later releases `httpStatusCode` and the body;
 * google-gax 5 over REST, the HTTP status as `code` and the body as `message`; an error of google-auth-library or of the operating system, over REST with an
 * HTTP status or an errno name as `code`.
 */
export function factsOf(error: unknown, operation?: KmsOperation, keyName?: string): FailureFacts {
  const { code, httpStatusCode, details, message, name, cause, statusDetails, reason, [bodyOfGax6]: kept } = fieldsOf(error);
  const body = fieldsOf(fieldsOf(parsed(kept ?? message)).error);
  const words = [details, body.message, message].find((one) => typeof one === "string") ?? "";
  const unreadable =
    name === "SyntaxError" || fieldsOf(cause).name === "SyntaxError" || /^(Error response from RPC|\s*<)/.test(String(words));
  const list = [statusDetails, body.details].find(Array.isArray) ?? [];
  // The code of a DOMException is a number of its own.
  const ownCode = name === "TimeoutError" || name === "AbortError" ? name : code;
  const named = statusNames.indexOf(String(body.status));
  // Where the body tells no status, gax 6 makes one up, or has none.
  const ofGax6 = typeof httpStatusCode === "number" && (kept !== undefined || code === undefined || unreadable);
  const http = ofGax6 ? httpStatusCode : typeof ownCode === "number" && ownCode >= 100 ? ownCode : undefined;
  const given = http === undefined ? ownCode : named > 0 ? named : statusOfHttp(http);
  return {
    operation,
    status: typeof given === "number" ? statusOf(given, unreadable || (http !== undefined && named <= 0)) : undefined,
    systemCode: systemCodeIn(ownCode) ?? systemCodeIn(fieldsOf(cause).code),
    text: unreadable ? "the answer could not be read" : cutText(String(words), keyName) || "without a word",
    unreadable,
    reason: reasonIn(reason) ?? list.map((one) => reasonIn(fieldsOf(one).reason)).find((one) => one !== undefined),
    retryAfterMs: milliseconds(list.map((one) => fieldsOf(one).retryDelay).find((delay) => delay !== undefined)),
  };
}

/** Where later releases of google-gax 6 keep the body of a failure. */
const bodyOfGax6 = Symbol.for("google-gax.rawHttpResponsePayload");

/** A gateway or another server, which does not word its failures as the service does, says nothing about the key: its 404 is not the key's. */
function statusOf(status: number, foreign: boolean): number {
  return foreign && (status === 3 || status === 5 || status === 9) ? 2 : status;
}

function statusOfHttp(http: number): number {
  return statusesOfHttp[http] ?? (http >= 500 ? 13 : 2);
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

/** Of the operating system, of TLS or of undici; anybody can put anything there. */
function systemCodeIn(code: unknown): string | undefined {
  return typeof code === "string" && /^\w{1,40}$/.test(code) ? code : undefined;
}

/** As google/rpc/error_details.proto spells it. */
function reasonIn(reason: unknown): string | undefined {
  return typeof reason === "string" && /^[A-Z][A-Z0-9_]{1,62}$/.test(reason) ? reason : undefined;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}
