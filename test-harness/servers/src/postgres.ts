import { statSync } from "node:fs";
import { dirname, join } from "node:path";
import { debianProgram, startDebianServer } from "./debian-server.ts";
import type { RunningServer } from "./running-server.ts";

/** PostgreSQL of the system's packages, empty, for the user "postgres" with any password: `${endpoint}/postgres`. It syncs to disk only where that is asked for. */
export async function startPostgres({ syncs = false }: { readonly syncs?: boolean } = {}): Promise<RunningServer> {
  const program = debianProgram("postgresql");
  if (program === undefined) throw new Error("postgresql is not installed: run apt-get install postgresql");
  return await startDebianServer({
    name: "postgresql",
    owner: process.getuid?.() === 0 ? ownerOfPostgres() : undefined,
    scheme: "postgresql",
    commands: ({ port, folder }) => {
      const data = join(folder, "data");
      return [
        [join(dirname(program), "initdb"), "--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--no-sync"],
        [
          ...[program, "-D", data, "-h", "127.0.0.1", "-p", String(port)],
          ...["-c", "unix_socket_directories=", "-c", `fsync=${syncs ? "on" : "off"}`, "-c", "max_connections=100"],
        ],
      ];
    },
    listens: /database system is ready to accept connections/,
  });
}

/** The packages make the user; PostgreSQL refuses to run as root. */
function ownerOfPostgres(): { readonly uid: number; readonly gid: number } {
  const { uid, gid } = statSync("/var/lib/postgresql");
  return { uid, gid };
}
