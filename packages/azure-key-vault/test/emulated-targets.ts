import { randomBytes } from "node:crypto";
import type { KeyClientOptions } from "@azure/keyvault-keys";
import type { FidelityManifest, KekSubject } from "@letterlock/conformance";
import type { Kek, KekWrapper } from "@letterlock/core";
import { type AzureKeyVaultEmulator, type FaultKind, startAzureKeyVault } from "@letterlock/emulators";
import { type AzureKeyVaultAlgorithm, azureKeyVault, azurePublicKey } from "../src/index.ts";
import { keyClient } from "./key-client.ts";

/** What this package's tests and the matrix hold to the conformance suite: each KEK on an emulator of its own. */
export interface EmulatedTarget {
  readonly adapter: string;
  readonly server: "emulator";
  start(): Promise<RunningEmulatedTarget>;
}

export interface RunningEmulatedTarget extends AsyncDisposable {
  readonly subject: KekSubject;
  readonly manifest: FidelityManifest;
  readonly paired?: { readonly kek: Kek; goDown(): void; comeBack(): void };
}

export const emulatedTargets: readonly EmulatedTarget[] = [
  target("azure-key-vault, RSA-OAEP-256", "RSA", (hsm) => ({
    subject: { ...subjectOf(hsm, "key", "RSA-OAEP-256"), publicWrapper: () => publicWrapper(hsm, "key-a") },
    manifest: [],
    paired: {
      kek: azureKeyVault({ client: keyClient(hsm), keyName: "key-b" }),
      goDown: () => hsm.admin.fail({ as: "reset", times: Infinity }),
      comeBack: () => hsm.admin.clearFaults(),
    },
  })),
  target("azure-key-vault, A256GCM", "oct-HSM", (hsm) => ({ subject: subjectOf(hsm, "key", "A256GCM"), manifest: [] })),
  target("azure-key-vault, A256KW", "oct-HSM", (hsm) => ({ subject: subjectOf(hsm, "key", "A256KW"), manifest: deterministic })),
  target("azure-key-vault, public key", "RSA", (hsm) => {
    const { create: createUnwrapper, ...others } = subjectOf(hsm, "key", "RSA-OAEP-256");
    const createWrapper = (key: string): Promise<KekWrapper> => publicWrapper(hsm, `key-${key}`);
    return { subject: { ...others, createUnwrapper, createWrapper, wrapsOffline: true }, manifest: wrapOnly };
  }),
];

const deterministic: FidelityManifest = [
  {
    id: "wrap-not-deterministic",
    reason:
      "AES key wrap (RFC 3394) has no random part, and SPEC 6.2 fixes what is wrapped; data keys are random, so no two of them are alike",
    instead: "the same data key under the same version gives the same 40 bytes",
  },
];

const wrapOnly: FidelityManifest = [
  {
    id: "rotation-refresh",
    reason: "what only wraps cannot be refreshed",
    instead: "an envelope is refreshed with the KEK that also unwraps",
  },
];

function target(
  adapter: string,
  type: "RSA" | "oct-HSM",
  make: (hsm: AzureKeyVaultEmulator) => Omit<RunningEmulatedTarget, keyof AsyncDisposable>,
): EmulatedTarget {
  return {
    adapter,
    server: "emulator",
    async start() {
      const hsm = await startAzureKeyVault({ managedHsm: true });
      for (const name of ["key-a", "key-b"]) await hsm.admin.createKey({ name, type });
      hsm.admin.deny({ credential: "stranger" });
      return { ...make(hsm), [Symbol.asyncDispose]: hsm.close };
    },
  };
}

function subjectOf(hsm: AzureKeyVaultEmulator, prefix: string, algorithm: AzureKeyVaultAlgorithm): KekSubject {
  const kekOf = (name: string, token?: string, options?: KeyClientOptions): Kek =>
    azureKeyVault({ client: keyClient(hsm, token, options), keyName: `${prefix}-${name}`, algorithm });
  const keyRef = `${hsm.endpoint}/keys/${prefix}-a`;
  /** For the whole service, until the suite disposes of the KEK. */
  const failing = (as: FaultKind, options?: KeyClientOptions): Kek => {
    for (const operation of ["wrapKey", "unwrapKey", "encrypt", "decrypt", "get"]) hsm.admin.fail({ as, operation, times: Infinity });
    return { ...kekOf("a", undefined, options), [Symbol.dispose]: () => hsm.admin.clearFaults() } as Kek;
  };
  return {
    create: (key) => kekOf(key),
    rotate: () => hsm.admin.rotateKey(keyRef),
    disable: () => hsm.admin.disableKey(keyRef),
    enable: () => hsm.admin.enableKey(keyRef),
    faults: {
      "access-denied": () => kekOf("a", "stranger"),
      "kek-not-found": () => kekOf("missing"),
      throttled: () => failing("throttled"),
      unavailable: () => failing("unavailable"),
      "provider-error": () => failing("garbage"),
    },
    hanging: () => failing("timeout"),
    timingOut: () => failing("timeout", givingUp),
    answersFromAnotherKey: () => failing("wrong-key"),
    requests: () => hsm.admin.takeRequests().filter(({ operation }) => operation !== "challenge"),
    keyRefs: {
      same: [],
      other: [
        `${keyRef}/`,
        `${keyRef}/${"0".repeat(32)}`,
        keyRef.toUpperCase(),
        keyRef.replace("/keys/", "/secrets/"),
        keyRef.replace("https", "http"),
      ],
    },
    async foreignCiphertexts() {
      const client = keyClient(hsm).getCryptographyClient(`${prefix}-a`);
      if (algorithm === "RSA-OAEP-256") return [(await client.wrapKey("RSA-OAEP", randomBytes(32))).result];
      if (algorithm === "A256KW") return [(await client.wrapKey("A256KW", randomBytes(24))).result];
      const {
        iv = randomBytes(12),
        result,
        authenticationTag = randomBytes(16),
      } = await client.encrypt({ algorithm, plaintext: randomBytes(32) });
      return [Buffer.concat([iv, result, authenticationTag])];
    },
  };
}

async function publicWrapper(hsm: AzureKeyVaultEmulator, name: string): Promise<KekWrapper> {
  const { key: publicKey = {}, properties } = await keyClient(hsm).getKey(name);
  return azurePublicKey({ publicKey, keyUrl: `${hsm.endpoint}/keys/${name}`, version: properties.version ?? "" });
}

/** A client that waits a fifth of a second for an answer. */
const givingUp: KeyClientOptions = {
  additionalPolicies: [
    {
      position: "perCall",
      policy: {
        name: "give-up",
        sendRequest(request, next) {
          request.timeout = 200;
          return next(request);
        },
      },
    },
  ],
};
