import { cutText } from "./cut-text.ts";
import { errorMeaning, type FailureFacts, isCredentialError, type KeyVaultOperation } from "./error-meaning.ts";
import { type KeyVaultError, keyVaultError } from "./key-vault-error.ts";

/** The answer to a request, which the SDK tells before it reads it. */
export interface Answered {
  readonly status: number;
  readonly headers: unknown;
}

/**
 * Calls the SDK. Its errors hold the request: the data key that was to be wrapped, in `request.body`, and the bearer token in the headers; and an answer
 * that is not JSON is quoted in the message, with the data key that was unwrapped. So what leaves here is another error, with the facts alone.
 * `run` notes what was answered, because the SDK stumbles over a failure without a body, and its TypeError knows nothing of it.
 */
export async function sanitized<T>(
  operation: KeyVaultOperation,
  vaultUrl: string,
  run: (note: (answered: Answered) => void) => Promise<T>,
): Promise<T> {
  let answered: Answered | undefined;
  try {
    return await run((last) => {
      answered = last;
    });
  } catch (error) {
    throw clean(operation, vaultUrl, error, answered);
  }
}

function clean(operation: KeyVaultOperation, vaultUrl: string, error: unknown, answered: Answered | undefined): KeyVaultError {
  const { name, message, code, statusCode, request, response, details, cause } = fields(error);
  const inner = fields(fields(details).error);
  const url = fields(request).url;
  const status = [statusCode, isCredentialError(text(name)) ? fields(cause).status : answered?.status].find(isNumber);
  const facts: FailureFacts = {
    operation,
    name: text(name),
    message: text(message) ?? "",
    code: word(code),
    innerCode: word(fields(inner.innerError ?? inner.innererror).code),
    statusCode: status,
    fromVault: typeof url !== "string" || URL.parse(url)?.origin === vaultUrl,
    worded: typeof inner.code === "string",
  };
  const headers = fields(response).headers ?? answered?.headers;
  return keyVaultError(errorMeaning(facts), `${operation} failed: ${told(facts, isNumber(statusCode))}`, {
    ...facts,
    requestId: header(headers, "x-ms-request-id"),
    retryAfterMs: milliseconds(header(headers, "retry-after")),
  });
}

/** An error that the service words never quotes a value, but nothing promises that: what is as long as a part of a key or a token is cut. */
function told({ statusCode, message, name }: FailureFacts, read: boolean): string {
  if (statusCode !== undefined && (statusCode < 400 || !read)) return `the answer of status ${statusCode} could not be read`;
  const kind = statusCode === undefined ? (name ?? "error") : `status ${statusCode}`;
  return `${kind}, ${cutText(message).slice(0, 1000)}`;
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
function milliseconds(retryAfter: string | undefined): number | undefined {
  if (retryAfter === undefined) return undefined;
  const wait = /^\d+$/.test(retryAfter) ? Number(retryAfter) * 1000 : Date.parse(retryAfter) - Date.now();
  return Number.isFinite(wait) ? Math.max(0, wait) : undefined;
}

function header(headers: unknown, name: string): string | undefined {
  const { get } = fields(headers);
  return typeof get === "function" ? text(get.call(headers, name)) : undefined;
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

/** As the service and Node spell their codes; what answers in place of the service can put anything there. */
function word(code: unknown): string | undefined {
  return typeof code === "string" && /^[A-Za-z]\w{0,39}$/.test(code) ? code : undefined;
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
