import { type VaultClient, vaultClient, vaultTransit } from "@letterlock/vault-transit";
import { describe, expect, test } from "vitest";
import { describeMove, type Move } from "./describe-move.ts";
import { describeRotation, type RotatingKey } from "./describe-rotation.ts";
import { startWireTap } from "./wire-tap.ts";

/** A Vault with the Transit engine on the mount "transit", and its root token. */
export interface RunningVault extends AsyncDisposable {
  readonly endpoint: string;
  readonly rootToken: string;
}

/** The life of Transit keys, by Vault's own API alone, so that it is the same on every server that speaks it. */
export function describeVault(start: () => Promise<RunningVault>): void {
  describeRotation("a derived key of Vault Transit", (started) => rotatingKey(start, started, true));
  describeRotation("a plain key of Vault Transit", (started) => rotatingKey(start, started, false));

  describeMove("another key of the same mount", async (started) => {
    const client = connect(started.use(await start()), started);
    return move(client, await newKek(client, "orders"), await newKek(client, "new-orders"));
  });

  describeMove("another cluster, which has a name of its own", async (started) => {
    const client = connect(started.use(await start()), started);
    const other = connect(started.use(await start()), started);
    return move(client, await newKek(client, "orders"), await newKek(other, "orders", { cluster: "new" }));
  });

  describe("the wrong way", () => {
    test("to move to another cluster is to give it no name: both keys have one keyRef", { timeout: 60_000 }, async () => {
      await using started = new AsyncDisposableStack();
      const [a, b] = [connect(started.use(await start()), started), connect(started.use(await start()), started)];
      expect((await newKek(a, "orders")).keyRef).toBe((await newKek(b, "orders")).keyRef);
    });
  });
}

async function rotatingKey(start: () => Promise<RunningVault>, started: AsyncDisposableStack, derived: boolean): Promise<RotatingKey> {
  const vault = started.use(await start());
  const tap = started.use(await startWireTap(vault.endpoint));
  const admin = connect(vault, started);
  const keyName = derived ? "derived-orders" : "orders";
  await admin.write(`transit/keys/${keyName}`, { derived });
  const watched = connect({ ...vault, endpoint: tap.endpoint }, started);
  const configure = (settings: object): Promise<unknown> => admin.write(`transit/keys/${keyName}/config`, settings);
  return {
    kek: vaultTransit({ client: watched, keyName, derived }),
    rotate: () => admin.write(`transit/keys/${keyName}/rotate`, {}),
    rewraps: derived,
    refreshAsks: derived ? ["keys", "rewrap"] : ["keys", "decrypt", "encrypt"],
    tap,
    version: {
      disable: (version) => configure({ min_decryption_version: Number(version) + 1 }),
      enable: (version) => configure({ min_decryption_version: Number(version) }),
      async remove(version) {
        const next = Number(version) + 1;
        await configure({ min_decryption_version: next, min_encryption_version: next });
        await admin.write(`transit/keys/${keyName}/trim`, { min_available_version: next });
      },
    },
  };
}

/** Vault has no disabled keys: one more version that wraps nothing, and everything before it is shut out. */
function move(client: VaultClient, from: Move["from"], to: Move["to"]): Move {
  const path = `transit/keys/${from.keyRef.split("/").at(-1)}`;
  return {
    from,
    to,
    async disable() {
      await client.write(`${path}/rotate`, {});
      await client.write(`${path}/config`, { min_decryption_version: 2 });
    },
    enable: () => client.write(`${path}/config`, { min_decryption_version: 1 }),
    async remove() {
      await client.write(`${path}/config`, { min_decryption_version: 2, min_encryption_version: 2 });
      await client.write(`${path}/trim`, { min_available_version: 2 });
    },
  };
}

async function newKek(client: VaultClient, keyName: string, { cluster }: { readonly cluster?: string } = {}): Promise<Move["from"]> {
  await client.write(`transit/keys/${keyName}`, {});
  return vaultTransit({ client, keyName, cluster });
}

function connect({ endpoint, rootToken: token }: Pick<RunningVault, "endpoint" | "rootToken">, started: AsyncDisposableStack): VaultClient {
  return started.use(vaultClient({ endpoint, token }));
}
