import { EncryptCommand, GetPublicKeyCommand, type KMSClientConfig } from "@aws-sdk/client-kms";
import type { FidelityManifest, KekSubject } from "@letterlock/conformance";
import type { Kek, KekWrapper } from "@letterlock/core";
import { type AwsKmsAdmin, type Emulator, type FaultKind, startAwsKms } from "@letterlock/emulators";
import { awsKms, awsKmsPublicKey, awsKmsRsa } from "../src/index.ts";
import { type AwsClients, awsClients } from "./support/aws-clients.ts";

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

interface Running {
  readonly aws: Emulator<AwsKmsAdmin>;
  readonly client: AwsClients["client"];
}

interface Keys {
  readonly a: string;
  readonly b: string;
}

type Make = (options: { readonly keyArn: string; readonly client: ReturnType<AwsClients["client"]> }) => Kek;

export const emulatedTargets: readonly EmulatedTarget[] = [
  target("aws-kms", async (running) => {
    const { createKey, fail, clearFaults } = running.aws.admin;
    return {
      subject: subjectOf(running, awsKms, { a: await createKey(), b: await createKey() }),
      manifest: [],
      paired: {
        kek: awsKms({ client: running.client(), keyArn: await createKey() }),
        goDown: () => fail({ as: "reset", times: Infinity }),
        comeBack: clearFaults,
      },
    };
  }),
  target("aws-kms, the replica of a multi-Region key", async (running) => {
    const { createKey, replicateKey } = running.aws.admin;
    const region = "eu-west-1";
    const primary = { a: await createKey({ region, multiRegion: true }), b: await createKey({ region, multiRegion: true }) };
    const replica = { a: replicateKey(primary.a, "us-east-1"), b: replicateKey(primary.b, "us-east-1") };
    return { subject: subjectOf(running, awsKms, replica, primary.a), manifest: [] };
  }),
  target("aws-kms, RSA", async (running) => {
    const { keys, subject } = await rsaSubject(running);
    return { subject: { ...subject, publicWrapper: () => publicWrapper(running, keys.a) }, manifest: neverRotated() };
  }),
  target("aws-kms, public key", async (running) => {
    const { keys, subject } = await rsaSubject(running);
    const wrappers = { a: await publicWrapper(running, keys.a), b: await publicWrapper(running, keys.b) };
    const { create: createUnwrapper, ...others } = subject;
    return { subject: { ...others, createUnwrapper, createWrapper: (key) => wrappers[key], wrapsOffline: true }, manifest: neverRotated() };
  }),
];

function target(adapter: string, make: (running: Running) => Promise<Omit<RunningEmulatedTarget, keyof AsyncDisposable>>): EmulatedTarget {
  return {
    adapter,
    server: "emulator",
    async start() {
      const aws = await startAwsKms();
      const { client, destroy } = awsClients(aws);
      aws.admin.deny({ credential: "stranger" });
      const stop = async (): Promise<void> => {
        destroy();
        await aws.close();
      };
      return { ...(await make({ aws, client })), [Symbol.asyncDispose]: stop };
    },
  };
}

async function rsaSubject(running: Running): Promise<{ keys: Keys; subject: KekSubject }> {
  const { createKey } = running.aws.admin;
  const keys = { a: await createKey({ spec: "RSA_2048" }), b: await createKey({ spec: "RSA_2048" }) };
  const { rotate: _neverRotated, ...subject } = subjectOf(running, awsKmsRsa, keys);
  return { keys, subject };
}

async function publicWrapper({ client }: Running, keyArn: string): Promise<KekWrapper> {
  const { PublicKey = "" } = await client().send(new GetPublicKeyCommand({ KeyId: keyArn }));
  return awsKmsPublicKey({ publicKey: PublicKey, keyArn });
}

function subjectOf({ aws, client }: Running, make: Make, keys: Keys, same?: string): KekSubject {
  const kekOf = (key: "a" | "b", config?: KMSClientConfig & { readonly accessKeyId?: string }): Kek =>
    make({ client: client(config), keyArn: keys[key] });
  /** For the whole service, until the suite disposes of the KEK. */
  const failing = (as: FaultKind, config?: KMSClientConfig): Kek => {
    aws.admin.fail({ as, times: Infinity });
    return { ...kekOf("a", config), [Symbol.dispose]: () => aws.admin.clearFaults() } as Kek;
  };
  return {
    create: (key) => kekOf(key),
    rotate: () => aws.admin.rotateKey(keys.a),
    disable: () => aws.admin.disableKey(keys.a),
    enable: () => aws.admin.enableKey(keys.a),
    faults: {
      "access-denied": () => kekOf("a", { accessKeyId: "stranger" }),
      "kek-not-found": () => make({ client: client(), keyArn: `${keys.a.slice(0, -12)}000000000000` }),
      throttled: () => failing("throttled"),
      unavailable: () => failing("unavailable"),
      "provider-error": () => failing("garbage"),
    },
    hanging: () => failing("timeout"),
    timingOut: () => failing("timeout", { requestHandler: { requestTimeout: 100, throwOnRequestTimeout: true } }),
    answersFromAnotherKey: () => failing("wrong-key"),
    requests: () => aws.admin.takeRequests(),
    keyRefs: {
      same: same === undefined ? [] : [same],
      other: [
        keys.a.replace(/key\/.*/, "alias/orders"),
        ...(same === undefined ? [keys.a.replace("us-east-1", "us-west-2")] : []),
        keys.a.replace("111122223333", "444455556666"),
        keys.a.replace("arn:aws:", "arn:aws-cn:"),
        keys.a.split("/")[1] ?? "",
        `${keys.a}/`,
        keys.a.toUpperCase(),
      ],
    },
    async foreignCiphertexts() {
      const algorithm = make === awsKmsRsa ? ({ EncryptionAlgorithm: "RSAES_OAEP_SHA_1" } as const) : {};
      const Plaintext = crypto.getRandomValues(new Uint8Array(32));
      const { CiphertextBlob } = await client().send(new EncryptCommand({ KeyId: keys.a, Plaintext, ...algorithm }));
      return CiphertextBlob === undefined ? [] : [CiphertextBlob];
    },
  };
}

/** An RSA key has no versions: the service has no way to rotate it. */
function neverRotated(): FidelityManifest {
  const cases = ["old-opens", "both-open", "new-version", "current-version", "refresh", "rewrap"];
  return cases.map((id) => ({
    id: `rotation-${id}`,
    reason: "the service rotates symmetric keys only, and refuses RotateKeyOnDemand for an RSA key with UnsupportedOperationException",
    instead: "an RSA key is replaced by another key, and envelopes are rewrapped to it",
  }));
}
