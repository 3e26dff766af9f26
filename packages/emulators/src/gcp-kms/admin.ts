import type { EmulatorAdmin } from "../server/emulator.ts";
import type { Faults } from "../server/faults.ts";
import type { RequestLog } from "../server/request-log.ts";
import type { Damage } from "./damage.ts";
import { defaultDestroySeconds, destroy, type Key, type KeyStore, type Protection, type Purpose, type VersionState } from "./key-store.ts";
import type { Denial, Policy } from "./policy.ts";
import { parseName } from "./resource-name.ts";
import { type Operation, operations, type Service } from "./service.ts";

export interface GcpKmsKeyOptions {
  /** "projects/P/locations/L/keyRings/R/cryptoKeys/K"; a ring that is missing is made. Default: a new name in one ring of the emulator. */
  readonly name?: string | undefined;
  /** Default "ENCRYPT_DECRYPT". */
  readonly purpose?: Purpose | undefined;
  /** Default "SOFTWARE". "HSM" changes the limits and what the answers say, nothing else. */
  readonly protectionLevel?: Protection | undefined;
}

export interface GcpKmsAdmin extends EmulatorAdmin {
  /** A key with one enabled version; its name, which is the keyRef. */
  createKey(options?: GcpKmsKeyOptions): string;
  /** A new version, and makes it the primary one at once; its number. */
  rotateKey(key: string): string;
  /** One version, or all that are not destroyed. */
  disableKey(key: string, version?: string): void;
  enableKey(key: string, version?: string): void;
  /** Destroys all versions at once, without the wait that the service has. */
  destroyKey(key: string): void;
  deny(denial: Denial): void;
  /** Takes back every denial. */
  allowAll(): void;
  /** The next request of an operation, or its answer, is damaged on the way; "answer" by default. */
  corruptNext(operation: Operation, where?: Damage): void;
  /** Every throttled answer asks to wait so long (RetryInfo); undefined, the default: it does not say. */
  askToWait(ms: number | undefined): void;
  /** The operations of the gRPC calls that their client cancelled, or whose deadline passed, before they were answered. */
  takeCancelled(): readonly string[];
}

interface AdminParts {
  readonly store: KeyStore;
  readonly policy: Policy;
  readonly service: Service;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly takeCancelled: () => readonly string[];
}

const defaultRing = "projects/emulated/locations/global/keyRings/emulated";

export function createAdmin({ store, policy, service, faults, log, takeCancelled }: AdminParts): GcpKmsAdmin {
  let made = 0;
  const key = (name: string): Key => store.key(name);
  return {
    fail: (fault) => faults.fail(fault),
    clearFaults: () => faults.clear(),
    takeRequests: () => log.take(),
    createKey({ name, purpose = "ENCRYPT_DECRYPT", protectionLevel = "SOFTWARE" } = {}) {
      made += 1;
      const wanted = name ?? `${defaultRing}/cryptoKeys/key-${made}`;
      const parsed = parseName(wanted);
      if (parsed?.ring === undefined || parsed.key !== wanted) {
        throw new RangeError("name must be projects/P/locations/L/keyRings/R/cryptoKeys/K");
      }
      if (!store.rings.has(parsed.ring)) store.addRing(parsed.ring);
      const algorithm = purpose === "ENCRYPT_DECRYPT" ? "GOOGLE_SYMMETRIC_ENCRYPTION" : "RSA_DECRYPT_OAEP_2048_SHA256";
      const created = store.addKey(wanted, { purpose, algorithm, protectionLevel, destroyAfterSeconds: defaultDestroySeconds });
      const version = store.addVersion(created);
      if (purpose === "ENCRYPT_DECRYPT") created.primary = version;
      return wanted;
    },
    rotateKey(name) {
      const rotated = key(name);
      const version = store.addVersion(rotated);
      if (rotated.purpose === "ENCRYPT_DECRYPT") rotated.primary = version;
      return String(version.number);
    },
    disableKey: (name, version) => changeState(key(name), version, "ENABLED", "DISABLED"),
    enableKey: (name, version) => changeState(key(name), version, "DISABLED", "ENABLED"),
    destroyKey(name) {
      for (const version of key(name).versions) destroy(version, new Date());
    },
    deny(denial) {
      if (denial.operation !== undefined && !operations.some((one) => one.toLowerCase() === denial.operation?.toLowerCase())) {
        throw new RangeError(`${denial.operation} is no operation of this service: ${operations.join(", ")}`);
      }
      policy.deny(denial);
    },
    allowAll: () => policy.allowAll(),
    corruptNext: (operation, where = "answer") => service.damageNext(operation, where),
    askToWait: (ms) => service.askToWait(ms),
    takeCancelled,
  };
}

function changeState(key: Key, version: string | undefined, from: VersionState, to: VersionState): void {
  for (const one of key.versions) {
    if (one.state === from && (version === undefined || String(one.number) === version)) one.state = to;
  }
}
