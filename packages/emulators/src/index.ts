export type { AwsKmsDenial } from "./aws-kms/access.ts";
export type { AwsKmsAdmin, NewAwsKmsKey } from "./aws-kms/admin.ts";
export { awsKmsDifferences } from "./aws-kms/differences.ts";
export { type AwsKmsOptions, startAwsKms } from "./aws-kms/start-aws-kms.ts";
export type { AzureDenial } from "./azure-key-vault/access.ts";
export {
  type AzureKeyOptions,
  type AzureKeyVaultAdmin,
  type AzureKeyVaultEmulator,
  type AzureKeyVaultOptions,
  startAzureKeyVault,
} from "./azure-key-vault/azure-key-vault.ts";
export { azureKeyVaultDifferences } from "./azure-key-vault/differences.ts";
export type { AzureKeyType } from "./azure-key-vault/key-version.ts";
export type { AzureKeyVaultOperation } from "./azure-key-vault/understand-request.ts";
export type { GcpKmsAdmin, GcpKmsKeyOptions } from "./gcp-kms/admin.ts";
export { gcpKmsDifferences } from "./gcp-kms/differences.ts";
export { type GcpKmsEmulator, type GcpKmsOptions, startGcpKms } from "./gcp-kms/start-gcp-kms.ts";
export type { Difference, Emulator, EmulatorAdmin, EmulatorOptions } from "./server/emulator.ts";
export type { Fault, FaultKind } from "./server/faults.ts";
export type { ServiceRequest } from "./server/request-log.ts";
export type { NewVaultKey, NewVaultToken, VaultTransitAdmin } from "./vault-transit/admin.ts";
export type { VaultDenial } from "./vault-transit/denials.ts";
export { vaultTransitDifferences } from "./vault-transit/differences.ts";
export { startVaultTransit, type VaultTransitEmulator, type VaultTransitOptions } from "./vault-transit/vault-transit.ts";
