export type { VaultClientOptions, VaultToken } from "./client-options.ts";
export type { VaultCallOptions, VaultClient } from "./client-shape.ts";
export type { VaultKeyCheck } from "./key-check.ts";
export type { VaultTransitOptions } from "./options.ts";
export { type OwnVaultClient, vaultClient } from "./vault-client.ts";
export { VaultError } from "./vault-error.ts";
export { checkVaultKey, type VaultTransitKek, vaultTransit } from "./vault-transit.ts";
