import { cutText } from "./cut-text.ts";
import { statusNames, statusOf, statusOfHttp } from "./status.ts";

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
