import { EncryptCommand, GetPublicKeyCommand, type KMSClientConfig } from "@aws-sdk/client-kms";
import type { FidelityManifest, KekSubject } from "@letterlock/conformance";
import { testKek } from "@letterlock/conformance/vitest";
import type { Kek } from "@letterlock/core";
import { type FaultKind, startAwsKms } from "@letterlock/emulators";
import { afterAll } from "vitest";
import { awsKms, awsKmsPublicKey, awsKmsRsa } from "../src/index.ts";
import { awsClients } from "./support/aws-clients.ts";

const aws = await startAwsKms();
const { client, destroy } = awsClients(aws);
aws.admin.deny({ credential: "stranger" });
afterAll(async () => {
  destroy();
  await aws.close();
});

type Make = (options: { readonly keyArn: string; readonly client: ReturnType<typeof client> }) => Kek;

const { createKey, replicateKey } = aws.admin;
const single = { a: await createKey(), b: await createKey() };
testKek("AWS KMS", subjectOf(awsKms, single), { unproven: "fail" });

const region = "eu-west-1";
const primary = { a: await createKey({ region, multiRegion: true }), b: await createKey({ region, multiRegion: true }) };
const replica = { a: replicateKey(primary.a, "us-east-1"), b: replicateKey(primary.b, "us-east-1") };
testKek("AWS KMS, the replica of a multi-Region key", subjectOf(awsKms, replica, primary.a), { unproven: "fail" });

const rsa = { a: await createKey({ spec: "RSA_2048" }), b: await createKey({ spec: "RSA_2048" }) };
const publicWrapper = async (key: "a" | "b" = "a") => {
  const { PublicKey = "" } = await client().send(new GetPublicKeyCommand({ KeyId: rsa[key] }));
  return awsKmsPublicKey({ publicKey: PublicKey, keyArn: rsa[key] });
};
const wrappers = { a: await publicWrapper("a"), b: await publicWrapper("b") };
const { rotate: _neverRotated, ...rsaSubject } = subjectOf(awsKmsRsa, rsa);
testKek("AWS KMS, RSA", { ...rsaSubject, publicWrapper: () => publicWrapper() }, { unproven: "fail", manifest: neverRotated() });

const { create: createUnwrapper, ...others } = rsaSubject;
testKek(
  "AWS KMS, public key",
  { ...others, createUnwrapper, createWrapper: (key) => wrappers[key], wrapsOffline: true },
  { unproven: "fail", manifest: neverRotated() },
);

function subjectOf(make: Make, keys: { readonly a: string; readonly b: string }, same?: string): KekSubject {
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
