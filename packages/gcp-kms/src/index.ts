export type { CloudKmsError } from "./cloud-kms-error.ts";
export { type GcpKmsKek, gcpKms } from "./gcp-kms.ts";
export type { GcpKmsClient } from "./kms-client.ts";
export type { GcpKmsOptions } from "./options.ts";
export { gcpKmsTimeoutMs } from "./transport.ts";
