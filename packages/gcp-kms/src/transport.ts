import { cleanError } from "./cloud-kms-error.ts";
import type { KmsOperation } from "./failure-facts.ts";
import type { CallOptions, GcpKmsClient } from "./kms-client.ts";
import { nameCall } from "./provider-call.ts";

/** Milliseconds that a call of the KEK may take, credentials included. The SDK's own default is to go on for minutes. */
export const gcpKmsTimeoutMs = 10_000;

/**
 * Calls the SDK once. `run` gets the options that make the call end: no retries, and cancelled when `signal` aborts or the time is over. Whatever the SDK
 * then does, the promise is settled; `late` gets an answer that nobody waits for any more.
 */
export type Calling = <T>(
  operation: KmsOperation,
  signal: AbortSignal,
  run: (options: CallOptions) => Promise<T>,
  late?: (answer: T) => void,
) => Promise<T>;

/**
 * Errors are caught here because those of REST hold the request, and with it the data key that was to be wrapped: what leaves is another error, with the
 * facts alone.
 */
export function callingThrough(client: Pick<GcpKmsClient, "initialize">, keyRef: string): Calling {
  let ready = false;
  let overGrpc = false;
  return (operation, signal, run, late) =>
    new Promise((resolve, reject) => {
      signal.throwIfAborted();
      let ended = false;
      let grpcCall: GrpcCall | undefined;
      const named = nameCall(keyRef, operation);
      const finish = (): void => {
        ended = true;
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
      };
      const end = (reason: unknown): void => {
        finish();
        reject(reason);
        grpcCall?.cancelWithStatus(1, abandoned);
      };
      const onAbort = (): void => end(signal.reason);
      // Over gRPC the call keeps its deadline by itself; REST of version 5 has none.
      const timer = overGrpc ? undefined : setTimeout(() => end(timeoutError(operation)), gcpKmsTimeoutMs);
      signal.addEventListener("abort", onAbort);
      // An interceptor of grpc-js that changes nothing, and keeps a hand on the call.
      const holding: Interceptor = (options, nextCall) => {
        overGrpc = true;
        grpcCall = nextCall(options);
        // The SDK comes here some turns after it was called.
        if (ended) grpcCall.cancelWithStatus(1, abandoned);
        return grpcCall;
      };
      const start = async () => {
        // The SDK starts this itself, but leaves a failure of it to nobody, and that ends the process.
        if (!ready) await client.initialize?.();
        ready = true;
        if (ended) throw signal.reason;
        const otherArgs = { options: { interceptors: [holding] }, ...(named && { headers: named.headers }) };
        // Over gRPC the signal would be a second hand on the call, at the price of another listener.
        return run({ timeout: gcpKmsTimeoutMs, retry: null, otherArgs, ...(!overGrpc && { signal }) });
      };
      start().then(
        (answer) => {
          named?.tell();
          if (ended) return late?.(answer);
          finish();
          resolve(answer);
        },
        (error: unknown) => {
          named?.tell();
          if (ended) return;
          finish();
          reject(cleanError(operation, keyRef, error));
        },
      );
    });
}

const abandoned = "nobody waits for the answer";

type Interceptor = (options: unknown, nextCall: (options: unknown) => GrpcCall) => GrpcCall;

interface GrpcCall {
  cancelWithStatus(status: number, details: string): void;
}

/** core takes an error of this name as "unavailable". */
function timeoutError(operation: KmsOperation): Error {
  return new DOMException(`Cloud KMS did not answer ${operation} within ${gcpKmsTimeoutMs} ms`, "TimeoutError");
}
