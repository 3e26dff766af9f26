import { randomUUID } from "node:crypto";
import { channel } from "node:diagnostics_channel";

/** Described in the README of @letterlock/telemetry. */
const providerCalls = channel("letterlock:provider-call");

interface NamedCall {
  readonly headers: Readonly<Record<string, string>>;
  /** The call was answered, or failed. */
  tell(): void;
}

/**
 * A name for a call, while somebody listens: the service tells no request id, and writes this header into its audit log, as
 * `protoPayload.requestMetadata.requestAttributes.reason`.
 */
export function nameCall(keyRef: string, operation: string): NamedCall | undefined {
  if (!providerCalls.hasSubscribers) return undefined;
  const requestId = `letterlock/${randomUUID()}`;
  return {
    headers: { "x-goog-request-reason": requestId },
    tell: () => providerCalls.publish({ provider: "gcp-kms", keyRef, operation, requestId }),
  };
}
