import { throwAwayCertificate } from "../server/certificate.ts";
import type { Emulator, EmulatorOptions } from "../server/emulator.ts";
import { createFaults } from "../server/faults.ts";
import { startHttpServer } from "../server/http-server.ts";
import { listenAddress } from "../server/loopback.ts";
import { createRequestLog } from "../server/request-log.ts";
import { createAdmin, type VaultTransitAdmin } from "./admin.ts";
import { createDenials } from "./denials.ts";
import { createVaultService, vaultOperations } from "./service.ts";
import { createVaultState, mountTransit, type Namespace } from "./vault-state.ts";

export interface VaultTransitOptions extends EmulatorOptions {
  /** The token that may do everything; "root" by default. */
  readonly rootToken?: string | undefined;
  /** true: HTTPS with a throw-away certificate. */
  readonly tls?: boolean | undefined;
}

export interface VaultTransitEmulator extends Emulator<VaultTransitAdmin> {
  /** May do everything, in every namespace. */
  readonly rootToken: string;
  /** PEM, for clients to trust; "" without TLS. Made for this emulator, for localhost, 127.0.0.1 and ::1. */
  readonly certificate: string;
}

/** A Vault in this process, unsealed, with a Transit engine mounted at "transit". It answers as OpenBao 2.7 does. */
export async function startVaultTransit(options: VaultTransitOptions = {}): Promise<VaultTransitEmulator> {
  const { rootToken = "root", tls = false } = options;
  const address = listenAddress(options);
  const faults = createFaults(vaultOperations);
  const log = createRequestLog();
  const denials = createDenials();
  const state = createVaultState(rootToken);
  mountTransit(state, state.namespaces.get("") as Namespace, "transit");
  const certificate = tls ? await throwAwayCertificate() : undefined;
  const service = createVaultService(state, denials);
  const { origin, close } = await startHttpServer({ ...address, service, faults, log, tls: certificate });
  return {
    endpoint: origin,
    rootToken,
    certificate: certificate?.cert ?? "",
    admin: createAdmin(state, faults, log, denials),
    close,
    [Symbol.asyncDispose]: close,
  };
}
