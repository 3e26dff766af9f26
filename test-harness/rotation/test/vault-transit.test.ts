import { startVaultTransit } from "@letterlock/emulators";
import { describeVault } from "../src/describe-vault.ts";

describeVault(startVaultTransit);
