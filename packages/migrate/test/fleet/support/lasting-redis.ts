import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface LastingRedis extends AsyncDisposable {
  readonly endpoint: string;
  /** Kills it and starts it again, with everything that it had said yes to. */
  restart(): Promise<void>;
}

/** A Redis that writes every change to disk before it answers, as one must be that a fleet can lose the machine of. */
export async function startLastingRedis(): Promise<LastingRedis> {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-redis-"));
  const port = await freePort();
  let server = await start(port, folder);
  const stop = async (): Promise<void> => {
    const exit = once(server, "exit");
    server.kill("SIGKILL");
    await exit;
  };
  return {
    endpoint: `redis://127.0.0.1:${port}`,
    async restart() {
      await stop();
      server = await start(port, folder);
    },
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function start(port: number, folder: string): Promise<ChildProcess> {
  const args = [
    "--bind",
    "127.0.0.1",
    "--port",
    String(port),
    "--dir",
    folder,
    "--save",
    "",
    "--appendonly",
    "yes",
    "--appendfsync",
    "always",
  ];
  const server = spawn("redis-server", args, { stdio: ["ignore", "pipe", "inherit"] });
  let log = "";
  for await (const chunk of server.stdout.iterator({ destroyOnReturn: false })) {
    log += chunk;
    if (log.includes("Ready to accept connections")) break;
  }
  if (!log.includes("Ready to accept connections")) throw new Error(`redis-server did not start:\n${log}`);
  server.stdout.resume();
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  server.close();
  await once(server, "close");
  return port;
}
