import { EncryptCommand, KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import type { KekSubject } from "@letterlock/conformance";
import type { Kek } from "@letterlock/core";
import { type AwsKmsAdmin, type Emulator, type FaultKind, startAwsKms } from "@letterlock/emulators";

export interface AwsSubjects extends AsyncDisposable {
  /** Everything that the suite can ask for, each KEK seen through `wrapping`, over two keys of its own. */
  subject(wrapping: (kek: Kek) => Kek): Promise<KekSubject>;
}

/** Subjects that share an emulator. The SDK makes no retries. */
export async function awsSubjects(): Promise<AwsSubjects> {
  const aws = await startAwsKms();
  aws.admin.deny({ credential: "stranger" });
  const clients: KMSClient[] = [];
  const client = ({ accessKeyId = "alice", ...config }: ClientConfig = {}): KMSClient => {
    const made = new KMSClient({
      endpoint: aws.endpoint,
      region: "us-east-1",
      credentials: { accessKeyId, secretAccessKey: "secret" },
      maxAttempts: 1,
      ...config,
    });
    clients.push(made);
    return made;
  };
  return {
    subject: (wrapping) => subjectOf(aws, client, wrapping),
    async [Symbol.asyncDispose]() {
      for (const made of clients) made.destroy();
      await aws.close();
    },
  };
}

type ClientConfig = KMSClientConfig & { readonly accessKeyId?: string };

async function subjectOf(
  { admin }: Emulator<AwsKmsAdmin>,
  client: (config?: ClientConfig) => KMSClient,
  wrapping: (kek: Kek) => Kek,
): Promise<KekSubject> {
  const keys = { a: await admin.createKey(), b: await admin.createKey() };
  const shared = client();
  const kekOf = (config?: ClientConfig, keyArn: string = keys.a): Kek =>
    wrapping(awsKms({ client: config === undefined ? shared : client(config), keyArn }));
  /** For the whole service, until the suite disposes of the KEK. The disposal passes through the wrapper. */
  const failing = (as: FaultKind, config?: ClientConfig): Kek => {
    admin.fail({ as, times: Infinity });
    const inner = awsKms({ client: config === undefined ? shared : client(config), keyArn: keys.a });
    return wrapping({ ...inner, [Symbol.dispose]: () => admin.clearFaults() } as Kek);
  };
  return {
    create: (key) => kekOf(undefined, keys[key]),
    rotate: () => admin.rotateKey(keys.a),
    disable: () => admin.disableKey(keys.a),
    enable: () => admin.enableKey(keys.a),
    faults: {
      "access-denied": () => kekOf({ accessKeyId: "stranger" }),
      "kek-not-found": () => kekOf(undefined, `${keys.a.slice(0, -12)}000000000000`),
      throttled: () => failing("throttled"),
      unavailable: () => failing("unavailable"),
      "provider-error": () => failing("garbage"),
    },
    hanging: () => failing("timeout"),
    timingOut: () => failing("timeout", { requestHandler: { requestTimeout: 100, throwOnRequestTimeout: true } }),
    answersFromAnotherKey: () => failing("wrong-key"),
    requests: () => admin.takeRequests(),
    keyRefs: { same: [], other: [keys.a.replace(/key\/.*/, "alias/orders"), `${keys.a}/`, keys.a.toUpperCase()] },
    async foreignCiphertexts() {
      const Plaintext = crypto.getRandomValues(new Uint8Array(32));
      const { CiphertextBlob } = await shared.send(new EncryptCommand({ KeyId: keys.a, Plaintext }));
      return CiphertextBlob === undefined ? [] : [CiphertextBlob];
    },
  };
}
