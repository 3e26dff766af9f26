export interface VaultCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What the adapter needs of a client. Paths are without "v1": "transit/encrypt/app". Both resolve to the JSON object that Vault answered. */
export interface VaultClient {
  read(path: string, options?: VaultCallOptions): Promise<unknown>;
  write(path: string, data: object, options?: VaultCallOptions): Promise<unknown>;
}

const limits = new WeakMap<VaultClient, number>();

/** The client honours signals and ends every request within `timeoutMs` by itself. */
export function markPunctual<Client extends VaultClient>(client: Client, timeoutMs: number): Client {
  limits.set(client, timeoutMs);
  return client;
}

/** Undefined of a client that is not marked. */
export function ownLimitMs(client: VaultClient): number | undefined {
  return limits.get(client);
}
