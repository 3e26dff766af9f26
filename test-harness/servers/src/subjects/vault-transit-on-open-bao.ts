import { vaultClient } from "@letterlock/vault-transit";
import nodeVault from "node-vault";
import { openBaoManifest } from "../fidelity/open-bao.ts";
import { startOpenBaoRaft } from "../open-bao-raft.ts";
import { startFront } from "./front.ts";
import type { ServerSubject } from "./server-subject.ts";
import { type MakeClient, vaultTransitSubject } from "./vault-transit-subject.ts";

const own: MakeClient = (settings) => vaultClient(settings);
const foreign: MakeClient = ({ endpoint, token, timeoutMs }) => nodeVault({ endpoint, token, requestOptions: { timeout: timeoutMs } });

/** Keys with associated data and derived keys, through the package's own client and through node-vault. */
export const vaultTransitOnOpenBao: readonly ServerSubject[] = [
  onOpenBao("vault-transit", false, own),
  onOpenBao("vault-transit, derived keys", true, own),
  onOpenBao("vault-transit, node-vault", false, foreign),
  onOpenBao("vault-transit, derived keys, node-vault", true, foreign),
];

function onOpenBao(adapter: string, derived: boolean, makeClient: MakeClient): ServerSubject {
  return {
    adapter,
    server: "openbao",
    async start() {
      await using started = new AsyncDisposableStack();
      const bao = started.use(await startOpenBaoRaft());
      const front = started.use(await startFront(bao.endpoint));
      const subject = await vaultTransitSubject(bao, front, { derived, makeClient });
      const running = started.move();
      return { subject, manifest: openBaoManifest, [Symbol.asyncDispose]: () => running.disposeAsync() };
    },
  };
}
