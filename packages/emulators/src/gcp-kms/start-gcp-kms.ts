import type { ChannelCredentials } from "@grpc/grpc-js";
import type { Emulator, EmulatorOptions } from "../server/emulator.ts";
import { createFaults } from "../server/faults.ts";
import { startHttpServer } from "../server/http-server.ts";
import { hostInUrl, listenAddress } from "../server/loopback.ts";
import { createRequestLog } from "../server/request-log.ts";
import { createAdmin, type GcpKmsAdmin } from "./admin.ts";
import { startGrpcServer } from "./grpc-server.ts";
import { createKeyStore } from "./key-store.ts";
import { createPolicy } from "./policy.ts";
import { restService } from "./rest-service.ts";
import { createService, operations } from "./service.ts";

export interface GcpKmsOptions extends EmulatorOptions {
  /** Where REST is served; 0, the default, takes a free port. `port` is where gRPC is. */
  readonly restPort?: number | undefined;
}

export interface GcpKmsEmulator extends Emulator<GcpKmsAdmin> {
  /** Where gRPC is served, without TLS, as Google's clients take it: "127.0.0.1:40123". */
  readonly endpoint: string;
  /**
   * What `new KeyManagementServiceClient()` is given to use gRPC: the address, no TLS, no credentials, and no search for the metadata server of a
   * Google machine. `sslCreds` is an object of @grpc/grpc-js, and the client takes it only where both use the same installation.
   */
  readonly clientOptions: {
    readonly apiEndpoint: string;
    readonly port: number;
    readonly sslCreds: ChannelCredentials;
    readonly universeDomain: "googleapis.com";
  };
  /** Where REST is served: "http://127.0.0.1:40124". The same keys, faults and log. */
  readonly restEndpoint: string;
}

/** Cloud KMS, API v1, over gRPC and REST. Neither speaks TLS, which the clients of Google must be told: `clientOptions` tells the one for Node. */
export async function startGcpKms(options: GcpKmsOptions = {}): Promise<GcpKmsEmulator> {
  const { host, port } = listenAddress(options);
  const rest = listenAddress({ ...options, port: options.restPort });
  const store = createKeyStore();
  const policy = createPolicy();
  const service = createService(store, policy);
  const faults = createFaults(operations);
  const log = createRequestLog();
  const grpcServer = await startGrpcServer({ host, port, service, faults, log });
  const restServer = await startHttpServer({ ...rest, service: restService(service), faults, log }).catch(async (error: unknown) => {
    await grpcServer.close();
    throw error;
  });
  const close = async (): Promise<void> => {
    await Promise.all([grpcServer.close(), restServer.close()]);
  };
  return {
    endpoint: `${hostInUrl(host)}:${grpcServer.port}`,
    clientOptions: { apiEndpoint: host, port: grpcServer.port, sslCreds: grpcServer.insecure, universeDomain: "googleapis.com" },
    restEndpoint: restServer.origin,
    admin: createAdmin({ store, policy, service, faults, log, takeCancelled: grpcServer.takeCancelled }),
    close,
    [Symbol.asyncDispose]: close,
  };
}
