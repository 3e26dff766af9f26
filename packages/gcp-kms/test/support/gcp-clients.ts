import { KeyManagementServiceClient } from "@google-cloud/kms";
import { KeyManagementServiceClient as KeyManagementServiceClient5 } from "@google-cloud/kms-v5";
import type { GcpKmsEmulator } from "@letterlock/emulators";
import { PassThroughClient } from "google-auth-library";
import type { GcpKmsClient } from "../../src/index.ts";

/** Each version of the SDK, over each of its transports. */
export type ClientKind = "version 6, gRPC" | "version 6, REST" | "version 5, gRPC" | "version 5, REST";
export const clientKinds: readonly ClientKind[] = ["version 6, gRPC", "version 6, REST", "version 5, gRPC", "version 5, REST"];

/** A new client of the emulator. */
export function gcpClient(
  service: Pick<GcpKmsEmulator, "clientOptions" | "restEndpoint">,
  kind: ClientKind = "version 6, gRPC",
): KeyManagementServiceClient | KeyManagementServiceClient5 {
  const Client = kind.startsWith("version 6") ? KeyManagementServiceClient : KeyManagementServiceClient5;
  return new Client(kind.endsWith("gRPC") ? service.clientOptions : overRest(service));
}

export function overRest({ restEndpoint }: { readonly restEndpoint: string }) {
  const { hostname, port } = new URL(restEndpoint);
  return {
    fallback: true as const,
    protocol: "http",
    apiEndpoint: hostname,
    port: Number(port),
    authClient: new PassThroughClient() as never,
  };
}

/** The client, sending a bearer token with each call. Without TLS grpc-js takes no credentials of its own, so the token is a header. */
export function withToken(client: GcpKmsClient, token: string): GcpKmsClient {
  const headers = { authorization: `Bearer ${token}` };
  return changing(client, ({ otherArgs, ...options }) => ({ ...options, otherArgs: { ...otherArgs, headers } }));
}

/** The client, with other call options than the adapter's. */
export function changing(
  client: GcpKmsClient,
  change: (options: Parameters<GcpKmsClient["encrypt"]>[1]) => Parameters<GcpKmsClient["encrypt"]>[1],
): GcpKmsClient {
  return {
    initialize: async () => client.initialize?.(),
    encrypt: (request, options) => client.encrypt(request, change(options)),
    decrypt: (request, options) => client.decrypt(request, change(options)),
    getCryptoKey: (request, options) => client.getCryptoKey(request, change(options)),
  };
}
