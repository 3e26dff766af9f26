import { channel } from "node:diagnostics_channel";

/** Described in the README of @letterlock/telemetry. */
const providerCalls = channel("letterlock:provider-call");

type Tell = <T>(operation: string, answer: Promise<T>) => Promise<T>;

interface Answered {
  readonly $metadata?: { readonly requestId?: unknown } | null;
}

/** Passes answers and errors on as they are, and tells whoever listens which request of the service's audit log they belong to. */
export function tellingCalls(keyRef: string): Tell {
  return (operation, answer) => {
    if (!providerCalls.hasSubscribers) return answer;
    const tell = (answered: unknown): void => {
      const requestId = (answered as Answered | null | undefined)?.$metadata?.requestId;
      providerCalls.publish({ provider: "aws-kms", keyRef, operation, requestId });
    };
    answer.then(tell, tell);
    return answer;
  };
}
