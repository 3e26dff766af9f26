import { debianProgram, startDebianServer } from "./debian-server.ts";
import type { RunningServer } from "./running-server.ts";

/** Redis of the system's packages, empty and in memory. `settings`: more words of its command line. */
export async function startRedis(settings: readonly string[] = []): Promise<RunningServer> {
  const program = debianProgram("redis-server");
  if (program === undefined) throw new Error("redis-server is not installed: run apt-get install redis-server");
  return await startDebianServer({
    name: "redis-server",
    owner: undefined,
    scheme: "redis",
    commands: ({ port, folder }) => [
      [program, "--bind", "127.0.0.1", "--port", String(port), "--dir", folder, "--save", "", "--appendonly", "no", ...settings],
    ],
    listens: /Ready to accept connections/,
  });
}
