import { azureKeyVault } from "@letterlock/azure-key-vault";
import { startAzureKeyVault } from "@letterlock/emulators";
import { azureClient } from "../src/azure-client.ts";
import { describeLoss } from "../src/describe-loss.ts";
import { portOf, startLine } from "../src/line.ts";

describeLoss("two vaults of Azure in paired regions", async (started) => {
  const [home, paired] = [started.use(await startAzureKeyVault()), started.use(await startAzureKeyVault())];
  for (const { admin } of [home, paired]) await admin.createKey({ name: "orders" });
  const line = started.use(await startLine(portOf(home.endpoint)));
  return {
    first: azureKeyVault({ client: azureClient(home, `https://127.0.0.1:${line.port}`), keyName: "orders" }),
    second: azureKeyVault({ client: azureClient(paired), keyName: "orders" }),
    line,
  };
});
