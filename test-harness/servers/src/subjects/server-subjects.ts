import { awsKmsOnLocalStack } from "./aws-kms-on-local-stack.ts";
import { awsKmsOnMoto } from "./aws-kms-on-moto.ts";
import type { ServerSubject } from "./server-subject.ts";
import { vaultTransitOnOpenBao } from "./vault-transit-on-open-bao.ts";

export type { RunningSubject, ServerSubject } from "./server-subject.ts";

/** Every adapter on every server that speaks its protocol. There is none for Google Cloud KMS and Azure Key Vault that can be installed from a registry. */
export const serverSubjects: readonly ServerSubject[] = [...vaultTransitOnOpenBao, awsKmsOnLocalStack, awsKmsOnMoto];
