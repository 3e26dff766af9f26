import { channel } from "node:diagnostics_channel";
import type { Outcome, Transport } from "./transport.ts";

/** Described in the README of @letterlock/telemetry. */
const providerCalls = channel("letterlock:provider-call");

/** Passes an outcome on as it is, and tells whoever listens which request of Vault's audit log it belongs to. Of a batch that is one request for all of its calls. */
export type Tell = (path: string, outcome: Promise<Outcome>) => Promise<Outcome>;

export function tellingCalls(keyRef: string): Tell {
  return (path, outcome) => {
    if (!providerCalls.hasSubscribers) return outcome;
    const tell = ({ requestId }: Outcome): void => {
      providerCalls.publish({ provider: "vault-transit", keyRef, operation: path, requestId });
    };
    // A caller who left is all that can reject.
    outcome.then(tell, () => undefined);
    return outcome;
  };
}

export function tellingTransport(transport: Transport, tell: Tell): Transport {
  return {
    read: (path, signal) => tell(path, transport.read(path, signal)),
    write: (path, data, signal) => tell(path, transport.write(path, data, signal)),
  };
}
