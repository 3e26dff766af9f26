import { azureKeyVault } from "@letterlock/azure-key-vault";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "@letterlock/emulators";
import { azureClient } from "../src/azure-client.ts";
import { describeMove, type Move } from "../src/describe-move.ts";
import { describeRotation } from "../src/describe-rotation.ts";

describeRotation("a key of Azure Key Vault", async (started) => {
  const vault = started.use(await startAzureKeyVault());
  await vault.admin.createKey({ name: "orders" });
  const client = azureClient(vault);
  return {
    kek: azureKeyVault({ client, keyName: "orders" }),
    rotate: () => client.rotateKey("orders"),
    rewraps: false,
    operations: () => vault.admin.takeRequests().map(({ operation }) => operation),
    refreshAsks: ["get", "unwrapKey", "wrapKey"],
    version: {
      disable: (version) => client.updateKeyProperties("orders", version, { enabled: false }),
      enable: (version) => client.updateKeyProperties("orders", version, { enabled: true }),
    },
  };
});

describeRotation("a symmetric key of a Managed HSM", async (started) => {
  const hsm = started.use(await startAzureKeyVault({ managedHsm: true }));
  const keyRef = await hsm.admin.createKey({ name: "orders", type: "oct-HSM" });
  const client = azureClient(hsm);
  return {
    kek: azureKeyVault({ client, keyName: "orders", algorithm: "A256GCM" }),
    rotate: () => hsm.admin.rotateKey(keyRef),
    rewraps: false,
    operations: () => hsm.admin.takeRequests().map(({ operation }) => operation),
    refreshAsks: ["get", "decrypt", "encrypt"],
    version: {
      disable: (version) => client.updateKeyProperties("orders", version, { enabled: false }),
      enable: (version) => client.updateKeyProperties("orders", version, { enabled: true }),
    },
  };
});

describeMove("another key of the same vault", async (started) => {
  const vault = started.use(await startAzureKeyVault());
  return move(vault, vault, "new-orders");
});

describeMove("another vault", async (started) => {
  const [from, to] = [started.use(await startAzureKeyVault()), started.use(await startAzureKeyVault())];
  return move(from, to, "orders");
});

async function move(from: AzureKeyVaultEmulator, to: AzureKeyVaultEmulator, newName: string): Promise<Move> {
  const keyRef = await from.admin.createKey({ name: "orders" });
  await to.admin.createKey({ name: newName });
  return {
    from: azureKeyVault({ client: azureClient(from), keyName: "orders" }),
    to: azureKeyVault({ client: azureClient(to), keyName: newName }),
    disable: () => from.admin.disableKey(keyRef),
    enable: () => from.admin.enableKey(keyRef),
    remove: () => from.admin.deleteKey(keyRef),
  };
}
