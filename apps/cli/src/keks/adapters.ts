import { usage } from "../failure.ts";

/** The providers whose KEKs come from packages of their own, and the package of each. One is loaded when a KEK of its provider is named, not before. */
export const adapterPackages = {
  "aws-kms": "@letterlock/aws-kms",
  "gcp-kms": "@letterlock/gcp-kms",
  "azure-key-vault": "@letterlock/azure-key-vault",
  "vault-transit": "@letterlock/vault-transit",
} as const;

export type AdapterProvider = keyof typeof adapterPackages;

export function missingAdapter(provider: AdapterProvider): Error {
  return usage(`KEKs of ${provider} need the package ${adapterPackages[provider]}, which this version of letterlock cannot load yet`);
}
