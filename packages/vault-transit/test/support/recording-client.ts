import type { VaultCallOptions, VaultClient } from "../../src/index.ts";

export interface Sent {
  readonly method: "read" | "write";
  readonly path: string;
  readonly data: unknown;
  readonly signal: AbortSignal | undefined;
}

/** A client that passes on to another one and remembers what it was asked. */
export function recordingClient(client: VaultClient): VaultClient & { readonly sent: Sent[] } {
  const sent: Sent[] = [];
  return {
    sent,
    read(path, options) {
      sent.push({ method: "read", path, data: undefined, signal: options?.signal });
      return client.read(path, options);
    },
    write(path, data, options) {
      sent.push({ method: "write", path, data: structuredClone(data), signal: options?.signal });
      return client.write(path, data, options);
    },
  };
}

/** A client that answers as it is told. */
export function answeringClient(answer: (path: string, data: object | undefined, options: VaultCallOptions) => unknown): VaultClient {
  return {
    read: async (path, options = {}) => answer(path, undefined, options),
    write: async (path, data, options = {}) => answer(path, data, options),
  };
}
