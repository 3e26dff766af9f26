import type { FidelityManifest, KekSubject } from "@letterlock/conformance";
import type { Kek } from "@letterlock/core";
import { startVaultTransit } from "@letterlock/emulators";
import nodeVault from "node-vault";
import { type OwnVaultClient, vaultClient, vaultTransit } from "../src/index.ts";
import { type ClientOptions, subjectOn } from "./support/subject.ts";

/** What this package's tests and the matrix hold to the conformance suite: each kind of key and of client on an emulator of its own. */
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

export const emulatedTargets: readonly EmulatedTarget[] = [
  target("vault-transit, associated data, its own client", { derived: false, ownClient: true }),
  target("vault-transit, derived keys, its own client", { derived: true, ownClient: true }),
  target("vault-transit, associated data, node-vault", { derived: false, ownClient: false }),
  target("vault-transit, derived keys, node-vault", { derived: true, ownClient: false }),
];

function target(adapter: string, { derived, ownClient }: { readonly derived: boolean; readonly ownClient: boolean }): EmulatedTarget {
  return {
    adapter,
    server: "emulator",
    async start() {
      const vault = await startVaultTransit();
      const opened: OwnVaultClient[] = [];
      const own = ({ token, timeoutMs }: ClientOptions): OwnVaultClient => {
        const client = vaultClient({ endpoint: vault.endpoint, token, timeoutMs });
        opened.push(client);
        return client;
      };
      const foreign = ({ token, timeoutMs }: ClientOptions) =>
        nodeVault({ endpoint: vault.endpoint, token, requestOptions: { timeout: timeoutMs } });
      const stop = async (): Promise<void> => {
        await vault.close();
        await Promise.all(opened.map((client) => client.close()));
      };
      const running = {
        subject: subjectOn({ vault, derived, client: ownClient ? own : foreign }),
        manifest: [],
        [Symbol.asyncDispose]: stop,
      };
      if (derived || !ownClient) return running;
      const client = own({ token: vault.rootToken, timeoutMs: 10_000 });
      await client.write("transit/keys/paired", {});
      const { fail, clearFaults } = vault.admin;
      const goDown = (): void => fail({ as: "reset", times: Infinity });
      return { ...running, paired: { kek: vaultTransit({ client, keyName: "paired" }), goDown, comeBack: clearFaults } };
    },
  };
}
