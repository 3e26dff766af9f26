import { errorMeaning, type FailureFacts, isCredentialError, type KeyVaultOperation } from "./error-meaning.ts";
import { type KeyVaultError, keyVaultError } from "./key-vault-error.ts";

/**
 * Calls the SDK. Its errors hold the request: the data key that was to be wrapped, in `request.body`, and the bearer token in the headers; and an answer
 * that is not JSON is quoted in the message, with the data key that was unwrapped. So what leaves here is another error, with the facts alone.
 */
export async function sanitized<T>(operation: KeyVaultOperation, vaultUrl: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw clean(operation, vaultUrl, error);
  }
}

function clean(operation: KeyVaultOperation, vaultUrl: string, error: unknown): KeyVaultError {
  const { name, message, code, statusCode, request, response, details, cause } = fields(error);
  const inner = fields(fields(details).error);
  const url = fields(request).url;
  const status = statusCode ?? (isCredentialError(text(name)) ? fields(cause).status : undefined);
  const facts: FailureFacts = {
    operation,
    name: text(name),
    message: text(message) ?? "",
    code: text(code),
    innerCode: text(fields(inner.innerError ?? inner.innererror).code),
    statusCode: typeof status === "number" ? status : undefined,
    fromVault: typeof url !== "string" || URL.parse(url)?.origin === vaultUrl,
  };
  const headers = fields(response).headers;
  return keyVaultError(errorMeaning(facts), `${operation} failed: ${told(facts)}`, {
    ...facts,
    requestId: header(headers, "x-ms-request-id"),
    retryAfterMs: milliseconds(header(headers, "retry-after")),
  });
}

/** An error that the service words never quotes a value, but nothing promises that: what is as long as a key or a token is cut. */
function told({ statusCode, message, name }: FailureFacts): string {
  if (statusCode !== undefined && statusCode < 400) return `the answer of status ${statusCode} could not be read`;
  const kind = statusCode === undefined ? (name ?? "error") : `status ${statusCode}`;
  return `${kind}, ${message.replace(/[A-Za-z0-9_~-]{40,}/g, "...").slice(0, 1000)}`;
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

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function fields(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
