import { AsyncLocalStorage } from "node:async_hooks";
import { subscribe, unsubscribe } from "node:diagnostics_channel";

/** The diagnostics channel on which the adapters of Letterlock publish a `ProviderCall` for each call of their provider. */
export const providerCallChannel = "letterlock:provider-call";

/** One call of the provider's client that ended, well or badly. It holds nothing of the request or the answer. */
export interface ProviderCall {
  /** "aws-kms" */
  readonly provider: string;
  readonly keyRef: string;
  /** The provider's own word, as its audit log has it: "Decrypt", "unwrapKey". */
  readonly operation: string;
  /** What the provider calls this request in its audit log; undefined where it does not say. */
  readonly requestId: string | undefined;
  /** What the client called it, where the audit log has that: in Azure. */
  readonly clientRequestId?: string | undefined;
}

export interface ProviderCalls {
  /** Runs `run`, and gives `note` the request ids of the calls that are made inside it, in their order. */
  during<T>(run: () => Promise<T>, note: (call: ProviderCall) => void): Promise<T>;
}

/** Listens on the channel only while something runs. */
export function createProviderCalls(): ProviderCalls {
  const notes = new AsyncLocalStorage<(call: ProviderCall) => void>();
  let running = 0;
  const listen = (message: unknown): void => {
    if (isProviderCall(message)) notes.getStore()?.(message);
  };
  return {
    async during(run, note) {
      running += 1;
      if (running === 1) subscribe(providerCallChannel, listen);
      try {
        return await notes.run(note, run);
      } finally {
        running -= 1;
        if (running === 0) unsubscribe(providerCallChannel, listen);
      }
    },
  };
}

/** Anybody can publish on a channel. */
function isProviderCall(message: unknown): message is ProviderCall {
  if (typeof message !== "object" || message === null) return false;
  const { provider, keyRef, operation, requestId, clientRequestId } = message as { readonly [name in keyof ProviderCall]?: unknown };
  const words = [provider, keyRef, operation].every((word) => typeof word === "string");
  return (
    words && [requestId, clientRequestId].every((id) => id === undefined || (typeof id === "string" && /^[\x21-\x7e]{1,256}$/.test(id)))
  );
}
