import { type AwsKmsError, awsKmsError } from "./aws-kms-error.ts";
import { cutText } from "./cut-text.ts";
import { errorCode } from "./error-code.ts";
import { chainOf, fieldsOf, statusOf, systemCodeOf } from "./foreign-error.ts";
import { tellingCalls } from "./provider-call.ts";

/** Makes one call of the service; `operation` is its name in the service's audit log. */
export type Sending = <T>(operation: string, send: () => Promise<T>) => Promise<T>;

/** The calls of one key, told to whoever listens. What they reject with is an `AwsKmsError`. */
export function sendingFor(keyArn: string): Sending {
  const told = tellingCalls(keyArn);
  return (operation, send) => sanitized(() => told(operation, send()));
}

/**
 * Calls the SDK. `$response` of its errors holds the request, with the session token and the signature, and the answer; the texts can quote either, and the
 * data key in it. So what leaves here is another error, with the facts alone.
 */
export async function sanitized<T>(run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw clean(error);
  }
}

function clean(error: unknown): AwsKmsError {
  const { name, message, $metadata } = fieldsOf(error);
  const statusCode = statusOf(error);
  const { requestId } = fieldsOf($metadata);
  return awsKmsError(told(message, name, statusCode), {
    name: typeof name === "string" && errorName.test(name) ? name : "Error",
    meaning: errorCode(error),
    code: systemCodeOf(chainOf(error)),
    statusCode,
    requestId: typeof requestId === "string" && /^[\w-]{1,64}$/.test(requestId) ? requestId : undefined,
  });
}

/** The service names its errors in its answer, where a gateway can put anything. */
const errorName = /^[A-Za-z](\w{0,35}|\w{0,60}(Exception|Error))$/;

/** An answer that is no JSON is quoted by the error of the parser. */
function told(message: unknown, name: unknown, statusCode: number | undefined): string {
  const text = typeof message === "string" ? message : "";
  if (name === "SyntaxError" || text.includes("Deserialization error:")) return `the answer of status ${statusCode} could not be read`;
  return cutText(text).slice(0, 1000);
}
