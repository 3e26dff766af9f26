export type { Destroyed } from "./destroy-keys.ts";
export { fileKeyStore } from "./file-key-store.ts";
export type { Created, KeyStore, StoredKey } from "./key-store.ts";
export { type KeyStoreCase, keyStoreCases } from "./key-store-cases.ts";
export {
  type ContextRing,
  createKeyring,
  type Keyring,
  type KeyringOptions,
  type KeyringStatus,
  type RingCall,
  type WaitingRingCall,
} from "./keyring.ts";
export type { KeyResult, MaintenanceOptions, MaintenanceReport, RefreshKeysOptions } from "./maintenance.ts";
export { memoryKeyStore } from "./memory-key-store.ts";
export type { KekStatus } from "./observed-keks.ts";
export type { KeyringPolicy } from "./policy.ts";
export { type PostgresClient, type PostgresKeyStoreOptions, postgresKeyStore, postgresKeyTable } from "./postgres-key-store.ts";
export { type RedisClient, type RedisKeyStoreOptions, redisKeyStore } from "./redis-key-store.ts";
export type { StaleKey } from "./stale-keys.ts";
