import { randomBytes } from "node:crypto";
import type { FidelityManifest, KekSubject } from "@letterlock/conformance";
import type { Kek } from "@letterlock/core";
import { type FaultKind, type GcpKmsEmulator, startGcpKms } from "@letterlock/emulators";
import { type GcpKmsClient, type GcpKmsKek, gcpKms } from "../src/index.ts";
import { type ClientKind, changing, clientKinds, gcpClient, withToken } from "./support/gcp-clients.ts";

/** What this package's tests and the matrix hold to the conformance suite: each client of Google on an emulator of its own. */
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

export const emulatedTargets: readonly EmulatedTarget[] = clientKinds.map((kind) => ({
  adapter: `gcp-kms, ${kind}`,
  server: "emulator",
  async start() {
    const service = await startGcpKms();
    const client = gcpClient(service, kind);
    const stop = async (): Promise<void> => {
      await client.close();
      await service.close();
    };
    return { subject: subjectOf(service, client), manifest: [], ...pairedOf(kind, service, client), [Symbol.asyncDispose]: stop };
  },
}));

/** One of the four is enough for the pairs. */
function pairedOf(kind: ClientKind, { admin }: GcpKmsEmulator, client: GcpKmsClient): Pick<RunningEmulatedTarget, "paired"> {
  if (kind !== clientKinds[0]) return {};
  const kek = gcpKms({ client, keyName: admin.createKey() });
  return { paired: { kek, goDown: () => admin.fail({ as: "reset", times: Infinity }), comeBack: () => admin.clearFaults() } };
}

function subjectOf(service: GcpKmsEmulator, client: GcpKmsClient): KekSubject {
  const keyNames = { a: service.admin.createKey(), b: service.admin.createKey() };
  const kekOf = (given: GcpKmsClient = client, keyName: string = keyNames.a): GcpKmsKek => gcpKms({ client: given, keyName });
  /** Until the suite disposes of the KEK. */
  const failing = (as: FaultKind, kek: GcpKmsKek = kekOf()): GcpKmsKek => {
    service.admin.fail({ as, times: Infinity });
    return undone(kek, () => service.admin.clearFaults());
  };
  return {
    create: (key) => kekOf(client, keyNames[key]),
    rotate: () => service.admin.rotateKey(keyNames.a),
    disable: () => service.admin.disableKey(keyNames.a),
    enable: () => service.admin.enableKey(keyNames.a),
    faults: {
      "access-denied": () => {
        service.admin.deny({ credential: "stranger" });
        return undone(kekOf(withToken(client, "stranger")), () => service.admin.allowAll());
      },
      "kek-not-found": () => kekOf(client, `${keyNames.a}-missing`),
      throttled: () => failing("throttled"),
      unavailable: () => failing("unavailable"),
      "provider-error": () => kekOf(closed),
    },
    hanging: () => failing("timeout"),
    timingOut: () => failing("timeout", kekOf(givingUp(client))),
    answersFromAnotherKey: () => kekOf(askingFor(client, keyNames.b)),
    requests: () => service.admin.takeRequests(),
    keyRefs: {
      same: [],
      other: ["/cryptoKeyVersions/1", "/", "x"].map((end) => `projects/emulated/locations/global/keyRings/emulated/cryptoKeys/key-1${end}`),
    },
    async foreignCiphertexts() {
      const one = await fetch(`${service.restEndpoint}/v1/${keyNames.a}:encrypt`, {
        method: "POST",
        body: JSON.stringify({ plaintext: randomBytes(32).toString("base64") }),
      });
      const { ciphertext } = (await one.json()) as { ciphertext: string };
      return [Buffer.from(ciphertext, "base64")];
    },
  };
}

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
