import { KeyManagementServiceClient } from "@google-cloud/kms";
import { KeyManagementServiceClient as KeyManagementServiceClient5 } from "@google-cloud/kms-v5";
import { type GcpKmsEmulator, startGcpKms } from "@letterlock/emulators";
import { PassThroughClient } from "google-auth-library";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type GcpKmsClient, type GcpKmsKek, gcpKms } from "../../src/index.ts";

/** Each version of the SDK, over each of its transports. */
export type ClientKind = "version 6, gRPC" | "version 6, REST" | "version 5, gRPC" | "version 5, REST";
export const clientKinds: readonly ClientKind[] = ["version 6, gRPC", "version 6, REST", "version 5, gRPC", "version 5, REST"];

export interface RunningGcpKms {
  readonly service: GcpKmsEmulator;
  /** A new client. */
  client(kind?: ClientKind): KeyManagementServiceClient | KeyManagementServiceClient5;
  /** A KEK for `keyName`, or for a new key, whose client is shared with the others of its kind. */
  kek(kind?: ClientKind, keyName?: string): GcpKmsKek;
}

/** An emulator for the tests of a file. */
export function runningGcpKms(): RunningGcpKms {
  let service: GcpKmsEmulator | undefined;
  const made: { close(): Promise<void> }[] = [];
  const shared = new Map<ClientKind, GcpKmsClient>();
  const running: RunningGcpKms = {
    get service() {
      if (service === undefined) throw new Error("the emulator is not running yet");
      return service;
    },
    client(kind = "version 6, gRPC") {
      const Client = kind.startsWith("version 6") ? KeyManagementServiceClient : KeyManagementServiceClient5;
      const client = new Client(kind.endsWith("gRPC") ? running.service.clientOptions : overRest(running.service));
      made.push(client);
      return client;
    },
    kek(kind = "version 6, gRPC", keyName = running.service.admin.createKey()) {
      const client = shared.get(kind) ?? running.client(kind);
      shared.set(kind, client);
      return gcpKms({ client, keyName });
    },
  };
  beforeAll(async () => {
    service = await startGcpKms();
  });
  afterEach(() => {
    service?.admin.clearFaults();
    service?.admin.allowAll();
    service?.admin.askToWait(undefined);
    service?.admin.takeRequests();
    service?.admin.takeCancelled();
  });
  afterAll(async () => {
    await service?.close();
    await Promise.all(made.map((client) => client.close()));
  });
  return running;
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
