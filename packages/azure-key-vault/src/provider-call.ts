import { channel } from "node:diagnostics_channel";

/** Described in the README of @letterlock/telemetry. */
const providerCalls = channel("letterlock:provider-call");

interface WithHeaders {
  readonly headers: { get(name: string): string | undefined };
}

/** Tells whoever listens which request of the service a response belongs to. The SDK's own name for it is what the logs of a vault call correlationId. */
export function tellCall(keyRef: string, operation: string, { headers, request }: WithHeaders & { readonly request: WithHeaders }): void {
  if (!providerCalls.hasSubscribers) return;
  const requestId = headers.get("x-ms-request-id");
  const clientRequestId = request.headers.get("x-ms-client-request-id");
  providerCalls.publish({ provider: "azure-key-vault", keyRef, operation, requestId, clientRequestId });
}
