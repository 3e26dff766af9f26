import { testKek } from "@letterlock/conformance/vitest";
import { startVaultTransit } from "@letterlock/emulators";
import nodeVault from "node-vault";
import { afterAll } from "vitest";
import { type OwnVaultClient, vaultClient } from "../src/index.ts";
import { type ClientOptions, subjectOn } from "./support/subject.ts";

const vault = await startVaultTransit();
const opened: OwnVaultClient[] = [];
afterAll(async () => {
  await vault.close();
  await Promise.all(opened.map((client) => client.close()));
});

const own = ({ token, timeoutMs }: ClientOptions): OwnVaultClient => {
  const client = vaultClient({ endpoint: vault.endpoint, token, timeoutMs });
  opened.push(client);
  return client;
};
const foreign = ({ token, timeoutMs }: ClientOptions) =>
  nodeVault({ endpoint: vault.endpoint, token, requestOptions: { timeout: timeoutMs } });

testKek("vault-transit, associated data, its own client", subjectOn({ vault, derived: false, client: own }), { unproven: "fail" });
testKek("vault-transit, derived keys, its own client", subjectOn({ vault, derived: true, client: own }), { unproven: "fail" });
testKek("vault-transit, associated data, node-vault", subjectOn({ vault, derived: false, client: foreign }), { unproven: "fail" });
testKek("vault-transit, derived keys, node-vault", subjectOn({ vault, derived: true, client: foreign }), { unproven: "fail" });
