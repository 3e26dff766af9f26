import { randomBytes } from "node:crypto";
import type { EmulatorAdmin } from "../server/emulator.ts";
import type { Faults } from "../server/faults.ts";
import type { RequestLog } from "../server/request-log.ts";
import type { Denials, VaultDenial } from "./denials.ts";
import { Refusal } from "./refusal.ts";
import { vaultOperations } from "./service.ts";
import { rotateTransitKey, type TransitKey } from "./transit-key.ts";
import { createNamespace, mountOf, mountTransit, type Namespace, putPolicy, type VaultState } from "./vault-state.ts";

export interface NewVaultKey {
  /** Random by default. */
  readonly name?: string | undefined;
  /** Made when it is not there; "transit" by default. */
  readonly mount?: string | undefined;
  /** As Transit names it; "aes256-gcm96" by default. */
  readonly type?: string | undefined;
  readonly derived?: boolean | undefined;
  readonly convergent?: boolean | undefined;
  readonly exportable?: boolean | undefined;
  /** Made when it is not there; the root namespace by default. */
  readonly namespace?: string | undefined;
}

export interface NewVaultToken {
  /** Names of policies; "default" is added. */
  readonly policies: readonly string[];
  /** 32 days by default. */
  readonly ttlMs?: number | undefined;
  readonly numUses?: number | undefined;
  readonly namespace?: string | undefined;
}

/** Does at once, and whatever the policies say, what an operator would ask the server for. Keys are named by mount and name, "transit/app"; one that does not exist is a `RangeError`. */
export interface VaultTransitAdmin extends EmulatorAdmin {
  /** Returns its ref: mount, "/" and name. */
  createKey(key?: NewVaultKey): string;
  rotateKey(keyRef: string, namespace?: string): void;
  /** Soft-deleted, which is how OpenBao disables a key. */
  disableKey(keyRef: string, namespace?: string): void;
  enableKey(keyRef: string, namespace?: string): void;
  deleteKey(keyRef: string, namespace?: string): void;
  /** HCL or JSON. A policy that cannot be read is a `RangeError`. */
  putPolicy(name: string, text: string, namespace?: string): void;
  /** Returns the token. */
  createToken(token: NewVaultToken): string;
  revokeToken(token: string): void;
  /** From now on 403 for requests that match every given part; an operation that does not exist is a `RangeError`. */
  deny(denial: VaultDenial): void;
  /** Takes back every `deny`. Policies stay as they are. */
  allowAll(): void;
  /** Puts the clock that tokens, secret ids and rotation periods are measured by forward. */
  advanceMs(ms: number): void;
  seal(): void;
  unseal(): void;
  /** What `sys/unseal` wants. */
  readonly unsealKey: string;
}

export function createAdmin(state: VaultState, faults: Faults, log: RequestLog, denials: Denials): VaultTransitAdmin {
  const namespaceOf = (name = "", make = false): Namespace => {
    const path = name === "" ? "" : `${name.replace(/\/$/, "")}/`;
    const found = state.namespaces.get(path);
    if (found === undefined && !make) throw new RangeError(`there is no namespace ${name}`);
    const namespace = found ?? createNamespace(path);
    state.namespaces.set(path, namespace);
    return namespace;
  };
  const existing = (keyRef: string, namespace?: string): TransitKey => {
    const [, mount, name = ""] = mountOf(namespaceOf(namespace).mounts, keyRef) ?? [];
    const key = mount?.engine?.find(name);
    if (key === undefined) throw new RangeError(`there is no key ${keyRef}`);
    return key;
  };
  return {
    fail: faults.fail,
    clearFaults: faults.clear,
    takeRequests: log.take,
    createKey({ name = `key-${randomBytes(4).toString("hex")}`, mount = "transit", namespace, ...key } = {}) {
      const home = namespaceOf(namespace, true);
      if (!home.mounts.has(mount)) mountTransit(state, home, mount);
      asRangeError(() => home.mounts.get(mount)?.engine?.create({ name, ...key }));
      return `${mount}/${name}`;
    },
    rotateKey: (keyRef, namespace) => rotateTransitKey(state.clock, existing(keyRef, namespace)),
    disableKey(keyRef, namespace) {
      existing(keyRef, namespace).softDeleted = true;
    },
    enableKey(keyRef, namespace) {
      existing(keyRef, namespace).softDeleted = false;
    },
    deleteKey(keyRef, namespace) {
      const { name } = existing(keyRef, namespace);
      mountOf(namespaceOf(namespace).mounts, keyRef)?.[1].engine?.keys.delete(name);
    },
    putPolicy(name, text, namespace) {
      asRangeError(() => putPolicy(state, namespaceOf(namespace, true), name.toLowerCase(), text));
    },
    createToken({ policies, ttlMs, numUses = 0, namespace }) {
      const { path } = namespaceOf(namespace, true);
      const creationSeconds = ttlMs === undefined ? {} : { creationSeconds: ttlMs / 1000 };
      const all = [...new Set([...policies, "default"])].sort();
      return state.tokens.create({ policies: all, numUses, namespace: path, ...creationSeconds }).id;
    },
    revokeToken: (token) => state.tokens.revoke(token),
    deny(denial) {
      const known = vaultOperations.some((name) => name.toLowerCase() === denial.operation?.toLowerCase());
      if (denial.operation !== undefined && !known) throw new RangeError(`${denial.operation} is no operation of this service`);
      denials.add(denial);
    },
    allowAll: denials.clear,
    advanceMs: (ms) => state.clock.advance(ms),
    seal() {
      state.sealed = true;
    },
    unseal() {
      state.sealed = false;
    },
    unsealKey: state.unsealKey,
  };
}

function asRangeError(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    throw error instanceof Refusal ? new RangeError(error.message) : error;
  }
}
