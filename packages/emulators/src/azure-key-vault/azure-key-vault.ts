import { randomBytes } from "node:crypto";
import { throwAwayCertificate } from "../server/certificate.ts";
import type { Emulator, EmulatorAdmin, EmulatorOptions } from "../server/emulator.ts";
import { createFaults } from "../server/faults.ts";
import { startHttpServer } from "../server/http-server.ts";
import { listenAddress } from "../server/loopback.ts";
import { createRequestLog } from "../server/request-log.ts";
import { type AzureDenial, createAccess, nameIn } from "./access.ts";
import { createKeyStore } from "./key-store.ts";
import { createKeyVaultService } from "./key-vault-service.ts";
import { type AzureKeyType, createVersion } from "./key-version.ts";
import { emulatorTenantId } from "./token-endpoint.ts";
import { azureKeyVaultOperations } from "./understand-request.ts";

export interface AzureKeyVaultOptions extends EmulatorOptions {
  /** A Managed HSM, which also has symmetric keys (oct-HSM). */
  readonly managedHsm?: boolean | undefined;
  /** false: plain HTTP, which the JavaScript SDK refuses. */
  readonly tls?: boolean | undefined;
}

/**
 * Clients trust `certificate` (`tlsOptions: { ca }`, or a file that NODE_EXTRA_CA_CERTS names), and are told not to compare the host with the
 * challenge (`disableChallengeResourceVerification: true`).
 */
export interface AzureKeyVaultEmulator extends Emulator<AzureKeyVaultAdmin> {
  /** PEM; "" without TLS. Made for this emulator, for localhost, 127.0.0.1 and ::1. */
  readonly certificate: string;
  /** The tenant of the challenge. A credential of @azure/identity must be of this tenant, its authority host is `endpoint`. */
  readonly tenantId: string;
}

export interface AzureKeyVaultAdmin extends EmulatorAdmin {
  /** Returns the keyRef: the vault URL, "/keys/" and the name. RSA of 2048 bits and a random name by default. */
  createKey(options?: AzureKeyOptions): Promise<string>;
  /** Returns the id of the new version. Older versions stay. */
  rotateKey(keyRef: string): Promise<string>;
  /** Every version, or one. */
  disableKey(keyRef: string, version?: string): void;
  enableKey(keyRef: string, version?: string): void;
  /** The key can be recovered and its name is taken until it is purged. */
  deleteKey(keyRef: string): void;
  /** 403 from now on, for requests that match every given part. The token endpoint denies only where the operation is "token". */
  deny(denial: AzureDenial): void;
  /** 401 from now on, for this token or client id. */
  expire(credential: string): void;
  /** Takes back every denial and expiry. */
  allowAll(): void;
}

export interface AzureKeyOptions {
  readonly name?: string | undefined;
  readonly type?: AzureKeyType | undefined;
  /** 2048, 3072 or 4096 for RSA; 256, 192 or 128 for oct-HSM. */
  readonly bits?: number | undefined;
  /** "wrapKey", "unwrapKey", "encrypt", "decrypt"; all by default. */
  readonly operations?: readonly string[] | undefined;
}

/** Azure Key Vault, or a Managed HSM, in this process. */
export async function startAzureKeyVault(options: AzureKeyVaultOptions = {}): Promise<AzureKeyVaultEmulator> {
  const { managedHsm = false, tls = true } = options;
  const address = listenAddress(options);
  const faults = createFaults(azureKeyVaultOperations);
  const log = createRequestLog();
  const store = createKeyStore();
  const access = createAccess();
  const certificate = tls ? await throwAwayCertificate() : undefined;
  const service = createKeyVaultService({ store, access, managedHsm, scheme: tls ? "https" : "http" });
  const { origin, close } = await startHttpServer({ ...address, service, faults, log, tls: certificate });
  const setEnabled = (keyRef: string, id: string | undefined, enabled: boolean): void => {
    const { versions } = store.key(nameIn(keyRef));
    for (const version of id === undefined ? versions : [store.version(nameIn(keyRef), id)]) {
      version.attributes = { ...version.attributes, enabled };
    }
  };
  const admin: AzureKeyVaultAdmin = {
    fail: faults.fail,
    clearFaults: faults.clear,
    takeRequests: log.take,
    async createKey({ name = `key-${randomBytes(4).toString("hex")}`, type = "RSA", bits, operations } = {}) {
      if (type === "oct-HSM" && !managedHsm) throw new RangeError("oct-HSM keys exist in a Managed HSM only: start with managedHsm");
      store.checkName(name);
      const attributes = { enabled: true, notBefore: undefined, expires: undefined };
      store.add(name, await createVersion({ type, bits, operations, attributes, tags: undefined }));
      return `${origin}/keys/${name}`;
    },
    rotateKey: async (keyRef) => (await store.rotate(nameIn(keyRef))).id,
    disableKey: (keyRef, version) => setEnabled(keyRef, version, false),
    enableKey: (keyRef, version) => setEnabled(keyRef, version, true),
    deleteKey: (keyRef) => {
      store.delete(nameIn(keyRef));
    },
    deny: access.deny,
    expire: access.expire,
    allowAll: access.allowAll,
  };
  return {
    endpoint: origin,
    certificate: certificate?.cert ?? "",
    tenantId: emulatorTenantId,
    admin,
    close,
    [Symbol.asyncDispose]: close,
  };
}
