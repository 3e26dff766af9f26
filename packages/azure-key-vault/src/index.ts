export { type AzureKeyVaultOptions, azureKeyVault } from "./azure-key-vault.ts";
export { type AzurePublicKeyOptions, azurePublicKey, type RsaPublicJwk } from "./azure-public-key.ts";
export type { KeyVaultError } from "./key-vault-error.ts";
export type { AzureKeyVaultAlgorithm } from "./wrapping.ts";
