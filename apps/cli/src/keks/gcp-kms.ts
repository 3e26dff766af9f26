import { createRequire } from "node:module";
import type { KeyManagementServiceClient } from "@google-cloud/kms";
import { usage } from "../failure.ts";
import type { GcpKmsUri } from "./gcp-kms-uri.ts";
import type { KekSource } from "./kek-source.ts";
import { parseAuthority } from "./uri-authority.ts";
import { withDeadlines } from "./with-deadlines.ts";

/** The SDK has no variable for an emulator, so this one is ours, after the names that other Google SDKs have for theirs. */
const emulatorVariable = "LETTERLOCK_GCP_KMS_EMULATOR_HOST";

export async function gcpKmsSource({ keyName }: GcpKmsUri): Promise<KekSource> {
  const [{ gcpKms }, sdk] = await Promise.all([import("@letterlock/gcp-kms"), import("@google-cloud/kms")]);
  const emulator = process.env[emulatorVariable] ?? "";
  const client = new sdk.KeyManagementServiceClient(emulator === "" ? {} : emulatorOptions(emulator));
  return {
    create: () => withDeadlines(gcpKms({ client, keyName })),
    // A client that found no credentials has nothing to close, and rejects with that error once more.
    close: () => client.close().catch(() => {}),
  };
}

type ClientOptions = NonNullable<ConstructorParameters<typeof KeyManagementServiceClient>[0]>;

/** No TLS and no credentials: for this machine alone. */
function emulatorOptions(address: string): ClientOptions {
  const { host, port, loopback } = parseAuthority(address, emulatorVariable, "127.0.0.1:PORT");
  if (!loopback || port === undefined) throw usage(`${emulatorVariable}: an emulator is on this machine: write 127.0.0.1:PORT`);
  return {
    apiEndpoint: host,
    port,
    sslCreds: insecureChannel(),
    // Without it, the client looks for the metadata server of a Google machine.
    universeDomain: "googleapis.com",
  };
}

/** The channel credentials must come from the gRPC library that the SDK itself uses. */
function insecureChannel(): NonNullable<ClientOptions["sslCreds"]> {
  const sdk = createRequire(createRequire(import.meta.url).resolve("@google-cloud/kms"));
  const { grpc } = sdk("google-gax") as {
    readonly grpc: { readonly credentials: { createInsecure(): NonNullable<ClientOptions["sslCreds"]> } };
  };
  return grpc.credentials.createInsecure();
}
