export { degradedSeals } from "./degraded-seals.ts";
export type { TelemetryOptions } from "./options.ts";
export { type ProviderCall, providerCallChannel } from "./provider-calls.ts";
export type { TraceableContextRing, TraceableRing } from "./traceable-ring.ts";
export { traced } from "./traced.ts";
export { type KeyringTelemetryOptions, tracedKeyring } from "./traced-keyring.ts";
