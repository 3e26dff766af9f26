import { randomBytes } from "node:crypto";
import type { KekSubject } from "@letterlock/conformance";
import { testKek } from "@letterlock/conformance/vitest";
import type { FaultKind } from "@letterlock/emulators";
import { beforeAll, describe } from "vitest";
import { type GcpKmsClient, type GcpKmsKek, gcpKms } from "../src/index.ts";
import { changing, clientKinds, runningGcpKms, withToken } from "./support/running-gcp-kms.ts";

describe.each(clientKinds)("with a client of %s", (kind) => {
  const kms = runningGcpKms();
  const keyNames = { a: "", b: "" };
  let client: GcpKmsClient;

  beforeAll(() => {
    keyNames.a = kms.service.admin.createKey();
    keyNames.b = kms.service.admin.createKey();
    client = kms.client(kind);
  });

  const kekOf = (given: GcpKmsClient = client, keyName: string = keyNames.a): GcpKmsKek => gcpKms({ client: given, keyName });
  /** Until the suite disposes of the KEK. */
  const failing = (as: FaultKind, kek: GcpKmsKek = kekOf()): GcpKmsKek => {
    kms.service.admin.fail({ as, times: Infinity });
    return undone(kek, () => kms.service.admin.clearFaults());
  };

  const subject: KekSubject = {
    create: (key) => kekOf(client, keyNames[key]),
    rotate: () => kms.service.admin.rotateKey(keyNames.a),
    disable: () => kms.service.admin.disableKey(keyNames.a),
    enable: () => kms.service.admin.enableKey(keyNames.a),
    faults: {
      "access-denied": () => {
        kms.service.admin.deny({ credential: "stranger" });
        return undone(kekOf(withToken(client, "stranger")), () => kms.service.admin.allowAll());
      },
      "kek-not-found": () => kekOf(client, `${keyNames.a}-missing`),
      throttled: () => failing("throttled"),
      unavailable: () => failing("unavailable"),
      "provider-error": () => kekOf(closed),
    },
    hanging: () => failing("timeout"),
    timingOut: () => failing("timeout", kekOf(givingUp(client))),
    answersFromAnotherKey: () => kekOf(askingFor(client, keyNames.b)),
    requests: () => kms.service.admin.takeRequests(),
    keyRefs: {
      same: [],
      other: ["/cryptoKeyVersions/1", "/", "x"].map((end) => `projects/emulated/locations/global/keyRings/emulated/cryptoKeys/key-1${end}`),
    },
    async foreignCiphertexts() {
      const one = await fetch(`${kms.service.restEndpoint}/v1/${keyNames.a}:encrypt`, {
        method: "POST",
        body: JSON.stringify({ plaintext: randomBytes(32).toString("base64") }),
      });
      const { ciphertext } = (await one.json()) as { ciphertext: string };
      return [Buffer.from(ciphertext, "base64")];
    },
  };
  testKek(`Cloud KMS, ${kind}`, subject, { unproven: "fail" });
});

/** A client that waits a fifth of a second. Version 5 cannot by itself over REST, where it ignores the time limit. */
function givingUp(client: GcpKmsClient): GcpKmsClient {
  const timeout = 200;
  const limited = changing(client, (options) => ({ ...options, timeout }));
  const within = async <T>(call: Promise<T>): Promise<T> => {
    const given = AbortSignal.timeout(2 * timeout);
    return await Promise.race([call, new Promise<never>((_, reject) => given.addEventListener("abort", () => reject(given.reason)))]);
  };
  return {
    encrypt: (request, options) => within(limited.encrypt(request, options)),
    decrypt: (request, options) => within(limited.decrypt(request, options)),
    getCryptoKey: (request, options) => within(limited.getCryptoKey(request, options)),
  };
}

/** What a client says that was closed. */
const closed: GcpKmsClient = {
  encrypt: () => Promise.reject("The client has already been closed."),
  decrypt: () => Promise.reject("The client has already been closed."),
  getCryptoKey: () => Promise.reject("The client has already been closed."),
};

/** A client between which and the service somebody puts another key into every request. */
function askingFor(client: GcpKmsClient, name: string): GcpKmsClient {
  return {
    encrypt: (request, options) => client.encrypt({ ...request, name }, options),
    decrypt: (request, options) => client.decrypt({ ...request, name }, options),
    getCryptoKey: (_, options) => client.getCryptoKey({ name }, options),
  };
}

function undone(kek: GcpKmsKek, undo: () => void): GcpKmsKek {
  return { ...kek, [Symbol.dispose]: undo } as GcpKmsKek;
}
