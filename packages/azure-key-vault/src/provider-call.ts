import { channel } from "node:diagnostics_channel";

/** Described in the README of @letterlock/telemetry. */
const providerCalls = channel("letterlock:provider-call");

interface Response {
  readonly headers: { get(name: string): string | undefined };
}

/** Tells whoever listens which request of the service's log a response belongs to. */
export function tellCall(keyRef: string, operation: string, { headers }: Response): void {
  if (!providerCalls.hasSubscribers) return;
  providerCalls.publish({ provider: "azure-key-vault", keyRef, operation, requestId: headers.get("x-ms-request-id") });
}
