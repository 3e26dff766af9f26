export { type AwsKmsKek, awsKms } from "./aws-kms.ts";
export type { AwsKmsError } from "./aws-kms-error.ts";
export { type AwsKmsPublicKeyOptions, awsKmsPublicKey } from "./aws-kms-public-key.ts";
export { awsKmsRsa } from "./aws-kms-rsa.ts";
export { type FindAwsKmsKeysOptions, findAwsKmsKeys } from "./find-aws-kms-keys.ts";
export type { AwsKmsKeyFilter } from "./key-filter.ts";
export type { AwsKmsOptions } from "./options.ts";
