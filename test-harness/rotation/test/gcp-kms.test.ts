import { KeyManagementServiceClient } from "@google-cloud/kms";
import { type GcpKmsEmulator, startGcpKms } from "@letterlock/emulators";
import { gcpKms } from "@letterlock/gcp-kms";
import { describeMove, type Move } from "../src/describe-move.ts";
import { describeRotation } from "../src/describe-rotation.ts";

const ring = "projects/acme/locations/europe-west1/keyRings/app";

describeRotation("a key of Cloud KMS", async (started) => {
  const gcp = started.use(await startGcpKms());
  const client = gcpClient(gcp, started);
  const keyName = gcp.admin.createKey({ name: `${ring}/cryptoKeys/orders` });
  const setState = (version: string, state: "ENABLED" | "DISABLED"): Promise<unknown> =>
    client.updateCryptoKeyVersion({
      cryptoKeyVersion: { name: `${keyName}/cryptoKeyVersions/${version}`, state },
      updateMask: { paths: ["state"] },
    });
  return {
    kek: gcpKms({ client, keyName }),
    async rotate() {
      const [{ name }] = await client.createCryptoKeyVersion({ parent: keyName, cryptoKeyVersion: {} });
      const cryptoKeyVersionId = name?.split("/").at(-1) ?? "";
      await client.updateCryptoKeyPrimaryVersion({ name: keyName, cryptoKeyVersionId });
    },
    rewraps: false,
    operations: () => gcp.admin.takeRequests().map(({ operation }) => operation),
    refreshAsks: ["GetCryptoKey", "Decrypt", "Encrypt"],
    version: {
      disable: (version) => setState(version, "DISABLED"),
      enable: (version) => setState(version, "ENABLED"),
      remove: (version) => client.destroyCryptoKeyVersion({ name: `${keyName}/cryptoKeyVersions/${version}` }),
    },
  };
});

describeMove("another key of the same ring", async (started) => {
  const gcp = started.use(await startGcpKms());
  return move(gcp, gcp, `${ring}/cryptoKeys/new-orders`, started);
});

describeMove("another location", async (started) => {
  const [from, to] = [started.use(await startGcpKms()), started.use(await startGcpKms())];
  return move(from, to, "projects/acme/locations/us-east1/keyRings/app/cryptoKeys/orders", started);
});

describeMove("another project", async (started) => {
  const gcp = started.use(await startGcpKms());
  return move(gcp, gcp, "projects/acme-2/locations/europe-west1/keyRings/app/cryptoKeys/orders", started);
});

function move(from: GcpKmsEmulator, to: GcpKmsEmulator, newName: string, started: AsyncDisposableStack): Move {
  const keyName = from.admin.createKey({ name: `${ring}/cryptoKeys/orders` });
  const newKeyName = to.admin.createKey({ name: newName });
  return {
    from: gcpKms({ client: gcpClient(from, started), keyName }),
    to: gcpKms({ client: gcpClient(to, started), keyName: newKeyName }),
    disable: () => from.admin.disableKey(keyName),
    enable: () => from.admin.enableKey(keyName),
    remove: () => from.admin.destroyKey(keyName),
  };
}

function gcpClient({ clientOptions }: GcpKmsEmulator, started: AsyncDisposableStack): KeyManagementServiceClient {
  const client = new KeyManagementServiceClient(clientOptions);
  started.defer(() => client.close());
  return client;
}
