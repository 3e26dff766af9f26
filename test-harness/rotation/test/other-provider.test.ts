import { KeyManagementServiceClient } from "@google-cloud/kms";
import { awsKms } from "@letterlock/aws-kms";
import { azureKeyVault } from "@letterlock/azure-key-vault";
import { startAwsKms, startAzureKeyVault, startGcpKms, startVaultTransit } from "@letterlock/emulators";
import { gcpKms } from "@letterlock/gcp-kms";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { awsClient } from "../src/aws-client.ts";
import { azureClient } from "../src/azure-client.ts";
import { describeMove, type Move } from "../src/describe-move.ts";

type Leaving = Omit<Move, "to">;

/** Each provider is left once and entered once. The matrix has every ordered pair of them. */
const providers: readonly { readonly name: string; leave(started: AsyncDisposableStack): Promise<Leaving> }[] = [
  { name: "AWS KMS", leave: leaveAws },
  { name: "Cloud KMS", leave: leaveGcp },
  { name: "Azure Key Vault", leave: leaveAzure },
  { name: "Vault Transit", leave: leaveVault },
];

for (const [index, { name, leave }] of providers.entries()) {
  const before = providers.at(index - 1);
  describeMove(`${name} from ${before?.name}`, async (started) => {
    const leaving = await before?.leave(started);
    if (leaving === undefined) throw new Error("there is no provider before the first");
    return { ...leaving, to: (await leave(started)).from };
  });
}

async function leaveAws(started: AsyncDisposableStack): Promise<Leaving> {
  const { admin, endpoint } = started.use(await startAwsKms());
  const keyArn = await admin.createKey();
  return {
    from: awsKms({ client: awsClient(endpoint, "us-east-1", started), keyArn }),
    disable: () => admin.disableKey(keyArn),
    enable: () => admin.enableKey(keyArn),
    remove: () => admin.deleteKey(keyArn),
  };
}

async function leaveGcp(started: AsyncDisposableStack): Promise<Leaving> {
  const { admin, clientOptions } = started.use(await startGcpKms());
  const client = new KeyManagementServiceClient(clientOptions);
  started.defer(() => client.close());
  const keyName = admin.createKey();
  return {
    from: gcpKms({ client, keyName }),
    disable: () => admin.disableKey(keyName),
    enable: () => admin.enableKey(keyName),
    remove: () => admin.destroyKey(keyName),
  };
}

async function leaveAzure(started: AsyncDisposableStack): Promise<Leaving> {
  const vault = started.use(await startAzureKeyVault());
  const keyRef = await vault.admin.createKey({ name: "orders" });
  return {
    from: azureKeyVault({ client: azureClient(vault), keyName: "orders" }),
    disable: () => vault.admin.disableKey(keyRef),
    enable: () => vault.admin.enableKey(keyRef),
    remove: () => vault.admin.deleteKey(keyRef),
  };
}

async function leaveVault(started: AsyncDisposableStack): Promise<Leaving> {
  const { admin, endpoint, rootToken: token } = started.use(await startVaultTransit());
  const client = started.use(vaultClient({ endpoint, token }));
  const keyRef = admin.createKey({ name: "orders" });
  return {
    from: vaultTransit({ client, keyName: "orders" }),
    disable: () => admin.disableKey(keyRef),
    enable: () => admin.enableKey(keyRef),
    remove: () => admin.deleteKey(keyRef),
  };
}
