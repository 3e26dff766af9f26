import { cloudKmsError } from "./cloud-kms-error.ts";
import { errorMeaning } from "./error-meaning.ts";
import { factsOf, type KmsOperation, statusNames } from "./failure-facts.ts";
import type { CallOptions, GcpKmsClient } from "./kms-client.ts";

/** Milliseconds that a call of the KEK may take, credentials included. The SDK's own default is to go on for minutes. */
export const gcpKmsTimeoutMs = 10_000;

/**
 * Calls the SDK once, when the client is ready. `run` gets the options that make the call end: no retries, and cancelled when `signal` aborts or the time is
 * over. Whatever the SDK then does, the promise is settled; `late` gets an answer that nobody waits for any more.
 *
 * Errors are caught here because those of REST hold the request, and with it the data key that was to be wrapped: what leaves is another error, with the
 * facts alone.
 */
export function calling<T>(
  client: Pick<GcpKmsClient, "initialize">,
  operation: KmsOperation,
  signal: AbortSignal,
  run: (options: CallOptions) => Promise<T>,
  late: (answer: T) => void = () => undefined,
): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    let ended = false;
    let grpcCall: GrpcCall | undefined;
    const end = (reason: unknown): void => {
      finish();
      ended = true;
      reject(reason);
      grpcCall?.cancelWithStatus(1, "cancelled by the caller");
    };
    const onAbort = (): void => end(signal.reason);
    const timer = setTimeout(() => end(timeoutError(operation)), gcpKmsTimeoutMs);
    const finish = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    };
    signal.addEventListener("abort", onAbort);
    // An interceptor of grpc-js that changes nothing, and keeps a hand on the call.
    const holding = (options: unknown, nextCall: (options: unknown) => GrpcCall): GrpcCall => {
      grpcCall = nextCall(options);
      return grpcCall;
    };
    const answered = (answer: T): void => {
      if (ended) {
        late(answer);
        return;
      }
      finish();
      resolve(answer);
    };
    const failed = (error: unknown): void => {
      if (ended) return;
      finish();
      reject(clean(operation, error));
    };
    const start = (): Promise<void> | undefined => {
      if (ended) return undefined;
      return run({ timeout: gcpKmsTimeoutMs, retry: null, signal, otherArgs: { options: { interceptors: [holding] } } }).then(answered);
    };
    // The SDK starts this itself, but leaves a failure of it to nobody, and that ends the process.
    Promise.resolve()
      .then(() => client.initialize?.())
      .then(start)
      .catch(failed);
  });
}

interface GrpcCall {
  cancelWithStatus(status: number, details: string): void;
}

/** core takes an error of this name as "unavailable". */
function timeoutError(operation: KmsOperation): Error {
  return new DOMException(`Cloud KMS did not answer ${operation} within ${gcpKmsTimeoutMs} ms`, "TimeoutError");
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
