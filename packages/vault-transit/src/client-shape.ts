export interface VaultCallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What the adapter needs of a client. Paths are without "v1": "transit/encrypt/app". Both resolve to the JSON object that Vault answered. */
export interface VaultClient {
  read(path: string, options?: VaultCallOptions): Promise<unknown>;
  write(path: string, data: object, options?: VaultCallOptions): Promise<unknown>;
}

const punctual = new WeakSet<VaultClient>();

/** The client honours signals and ends every request in time by itself. */
export function markPunctual<Client extends VaultClient>(client: Client): Client {
  punctual.add(client);
  return client;
}

export function isPunctual(client: VaultClient): boolean {
  return punctual.has(client);
}
