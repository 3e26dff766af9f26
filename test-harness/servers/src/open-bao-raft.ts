import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type AppRole, createAppRole } from "./app-role.ts";
import { baoDo, baoRequest } from "./bao-request.ts";
import { baoProgram, mountTransit, type OpenBao, openBao } from "./open-bao.ts";
import { startServer } from "./running-server.ts";

/** OpenBao as it runs in production, but for TLS: on disk, one node, with AppRole, a rate limit on demand, and a seal that can be closed and opened. */
export interface OpenBaoRaft extends OpenBao {
  /** A login of its own. `policy` is a policy document in HCL. */
  createRole(role: { readonly name: string; readonly policy: string; readonly tokenTtlSeconds: number }): Promise<AppRole>;
  /** Transit takes this many requests in so many seconds, and answers 429 to the others until `unlimitRate`. */
  limitRate(requests: number, seconds: number): Promise<void>;
  unlimitRate(): Promise<void>;
  /** Every request is answered with 503 until `unseal`. */
  seal(): Promise<void>;
  unseal(): Promise<void>;
}

const quota = "sys/quotas/rate-limit/transit";
const health = "/v1/sys/health";
/** Elections of a single node take a tenth of a second; this is for a busy machine. */
const patienceMs = 60_000;

/** Raft storage, initialised and unsealed. Starts in about two seconds. */
export async function startOpenBaoRaft(): Promise<OpenBaoRaft> {
  const server = await startServer({
    name: "openbao",
    command: ({ port, folder }) => {
      const config = join(folder, "bao.hcl");
      writeFileSync(config, configuration(port, folder));
      return { program: baoProgram(), args: ["server", `-config=${config}`], env: { HOME: folder } };
    },
    listens: /==> OpenBao server started!/,
    healthPath: health,
    // Not initialised.
    healthStatus: 501,
  });
  const { endpoint } = server;
  const initialised = await baoDo(endpoint, { method: "PUT", path: "sys/init", body: { secret_shares: 1, secret_threshold: 1 } });
  const [unsealKey] = initialised.keys_base64 as readonly string[];
  const token = initialised.root_token as string;
  const bao = openBao(server, token);
  const unseal = async (): Promise<void> => {
    await baoDo(endpoint, { method: "PUT", path: "sys/unseal", body: { key: unsealKey } });
    await untilActive(endpoint);
  };
  await unseal();
  await mountTransit(bao);
  await baoDo(endpoint, { path: "sys/auth/approle", body: { type: "approle" }, token });
  await baoDo(endpoint, { path: "sys/quotas/config", body: { enable_rate_limit_response_headers: true }, token });
  return {
    ...bao,
    unseal,
    createRole: (role) => createAppRole(endpoint, token, role),
    async limitRate(requests, seconds) {
      await baoDo(endpoint, { path: quota, body: { rate: requests, interval: `${seconds}s`, path: "transit/" }, token });
    },
    async unlimitRate() {
      await baoDo(endpoint, { method: "DELETE", path: quota, token });
    },
    async seal() {
      await baoDo(endpoint, { method: "PUT", path: "sys/seal", token });
    },
  };
}

function configuration(port: number, folder: string): string {
  return [
    // Without the multiplier a node waits 5 to 10 seconds for others before it elects itself.
    `storage "raft" { path = "${folder}" node_id = "letterlock" performance_multiplier = 1 }`,
    `listener "tcp" { address = "127.0.0.1:${port}" cluster_address = "127.0.0.1:${port + 1}" tls_disable = true }`,
    `api_addr = "http://127.0.0.1:${port}"`,
    `cluster_addr = "https://127.0.0.1:${port + 1}"`,
    "",
  ].join("\n");
}

/** Unsealed, a node is a standby until it has elected itself. */
async function untilActive(endpoint: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const { status } = await baoRequest(endpoint, { method: "GET", path: "sys/health" });
    if (status === 200) return;
    if (performance.now() > deadline) throw new Error(`OpenBao was not active within ${patienceMs / 1000} s: its health is ${status}`);
    await wait(20);
  }
}
