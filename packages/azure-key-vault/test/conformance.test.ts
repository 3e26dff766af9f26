import { randomBytes } from "node:crypto";
import type { KeyClientOptions } from "@azure/keyvault-keys";
import type { KekSubject } from "@letterlock/conformance";
import { testKek } from "@letterlock/conformance/vitest";
import type { Kek, KekWrapper } from "@letterlock/core";
import { type FaultKind, startAzureKeyVault } from "@letterlock/emulators";
import { afterAll } from "vitest";
import { type AzureKeyVaultAlgorithm, azureKeyVault, azurePublicKey } from "../src/index.ts";
import { keyClient } from "./key-client.ts";

const hsm = await startAzureKeyVault({ managedHsm: true });
for (const name of ["a", "b"]) {
  for (const prefix of ["rsa", "public"]) await hsm.admin.createKey({ name: `${prefix}-${name}` });
  for (const prefix of ["gcm", "kw"]) await hsm.admin.createKey({ name: `${prefix}-${name}`, type: "oct-HSM" });
}
hsm.admin.deny({ credential: "stranger" });
afterAll(() => hsm.close());

testKek(
  "Azure Key Vault, RSA-OAEP-256",
  { ...subjectOf("rsa", "RSA-OAEP-256"), publicWrapper: () => publicWrapper("rsa-a") },
  { unproven: "fail" },
);
testKek("Managed HSM, A256GCM", subjectOf("gcm", "A256GCM"), { unproven: "fail" });
testKek("Managed HSM, A256KW", subjectOf("kw", "A256KW"), {
  unproven: "fail",
  manifest: [
    {
      id: "wrap-not-deterministic",
      reason:
        "AES key wrap (RFC 3394) has no random part, and SPEC 6.2 fixes what is wrapped; data keys are random, so no two of them are alike",
      instead: "the same data key under the same version gives the same 40 bytes",
    },
  ],
});

const { create: createUnwrapper, ...others } = subjectOf("public", "RSA-OAEP-256");
const offline = { ...others, createUnwrapper, createWrapper: (key: string) => publicWrapper(`public-${key}`), wrapsOffline: true };
testKek("Azure Key Vault, public key", offline, {
  unproven: "fail",
  manifest: [
    {
      id: "rotation-refresh",
      reason: "what only wraps cannot be refreshed",
      instead: "an envelope is refreshed with the KEK that also unwraps",
    },
  ],
});

function subjectOf(prefix: string, algorithm: AzureKeyVaultAlgorithm): KekSubject {
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

async function publicWrapper(name: string): Promise<KekWrapper> {
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
