import { cloudKmsError } from "./cloud-kms-error.ts";
import { errorMeaning } from "./error-meaning.ts";
import { factsOf, type KmsOperation, statusNames } from "./failure-facts.ts";
import type { CallOptions } from "./kms-client.ts";

/** Milliseconds that a call of the KEK may take, credentials included. The SDK's own default is to go on for minutes. */
export const gcpKmsTimeoutMs = 10_000;

/**
 * Calls the SDK once. `run` gets the options that make it end: it makes no retries, and it is cancelled when `signal` aborts or the time is over. Whatever the
 * SDK then does, the promise is settled. `late` gets an answer that nobody waits for any more.
 *
 * Errors are caught here because those of REST hold the request, and with it the data key that was to be wrapped: what leaves is another error, with the
 * facts alone.
 */
export async function calling<T>(
  operation: KmsOperation,
  signal: AbortSignal,
  run: (options: CallOptions) => Promise<T>,
  late: (answer: T) => void = () => undefined,
  timeoutMs: number = gcpKmsTimeoutMs,
): Promise<T> {
  signal.throwIfAborted();
  const ending = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (reason: unknown): void => {
    ended.reject(reason);
    ending.abort(reason);
  };
  const onAbort = (): void => end(signal.reason);
  const timer = setTimeout(() => end(timeoutError(operation, timeoutMs)), timeoutMs);
  signal.addEventListener("abort", onAbort, { once: true });
  const running = run({
    timeout: timeoutMs,
    retry: null,
    signal: ending.signal,
    otherArgs: { options: { interceptors: [cancelling(ending.signal)] } },
  });
  try {
    return await Promise.race([running, ended.promise]);
  } catch (error) {
    if (!ending.signal.aborted) throw clean(operation, error);
    running.then(late, () => undefined);
    throw ending.signal.reason;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  }
}

interface GrpcCall {
  cancelWithStatus(status: number, details: string): void;
}

/** An interceptor of grpc-js. It changes nothing about the call, and keeps a hand on it. */
function cancelling(signal: AbortSignal): (options: unknown, nextCall: (options: unknown) => GrpcCall) => GrpcCall {
  return (options, nextCall) => {
    const call = nextCall(options);
    signal.addEventListener("abort", () => call.cancelWithStatus(1, "cancelled by the caller"), { once: true });
    return call;
  };
}

/** core takes an error of this name as "unavailable". */
function timeoutError(operation: KmsOperation, timeoutMs: number): Error {
  return new DOMException(`Cloud KMS did not answer ${operation} within ${timeoutMs} ms`, "TimeoutError");
}

function clean(operation: KmsOperation, error: unknown): Error {
  const facts = factsOf(error, operation);
  const { status, systemCode, text, reason, retryAfterMs } = facts;
  const kind = status === undefined ? (systemCode ?? "no status") : (statusNames[status] ?? status);
  return cloudKmsError(errorMeaning(facts), `${operation} failed: ${kind}, ${text.slice(0, 1000)}`, {
    code: status ?? systemCode,
    reason,
    retryAfterMs,
  });
}
