import type { AwsKmsAdmin, AzureKeyVaultAdmin, GcpKmsAdmin, VaultTransitAdmin } from "@letterlock/emulators";

/** The four services on this machine, and how they are reached. */
export interface EmulatedServices {
  /** What the SDKs, and this command, find the services and their credentials by. */
  readonly environment: Readonly<Record<string, string>>;
  /** PEM: what the SDK of Azure has to trust. */
  readonly certificate: string;
  /** A KEK in each, by the name of a variable for it. */
  readonly keks: Readonly<Record<"AWS_KEK" | "GCP_KEK" | "AZURE_KEK" | "VAULT_KEK", string>>;
  /** What their operators would do. */
  readonly admin: {
    readonly aws: AwsKmsAdmin;
    readonly gcp: GcpKmsAdmin;
    readonly azure: AzureKeyVaultAdmin;
    readonly vault: VaultTransitAdmin;
  };
  close(): Promise<void>;
}

/** What would lead the SDKs elsewhere, or to other credentials. */
const disturbing = ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AZURE_CLIENT_CERTIFICATE_PATH", "VAULT_NAMESPACE", "VAULT_CACERT"];

/** Lines for a POSIX shell. */
export function shellLines({ environment, keks }: Pick<EmulatedServices, "environment" | "keks">): string {
  const exported = (variables: Readonly<Record<string, string>>): readonly string[] =>
    Object.entries(variables).map(([name, value]) => `export ${name}='${value.replaceAll("'", "'\\''")}'`);
  return [
    "# AWS KMS, Cloud KMS, Key Vault and Vault Transit run on this machine until Ctrl-C. Their keys live no longer than that.",
    `unset ${disturbing.join(" ")}`,
    ...exported(environment),
    "# A key in each:",
    ...exported(keks),
    `# letterlock encrypt FILE --to ${Object.keys(keks)
      .map((name) => `"$${name}"`)
      .join(" ")}`,
  ].join("\n");
}

export function machineReadable({ environment, keks }: Pick<EmulatedServices, "environment" | "keks">): object {
  return { environment, unset: disturbing, keks };
}
