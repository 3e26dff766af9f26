import { pythonOf } from "./installation.ts";
import { type RunningServer, startServer } from "./running-server.ts";

/** AWS KMS, S3 and DynamoDB, with any credentials and in any region. */
export async function startMoto(): Promise<RunningServer> {
  return await startServer({
    name: "moto",
    command: ({ port, folder }) => ({
      program: pythonOf("moto"),
      args: ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
      env: { HOME: folder, PYTHONUNBUFFERED: "1" },
    }),
    listens: /Running on http:\/\/127\.0\.0\.1:/,
    healthPath: "/moto-api/data.json",
    healthStatus: 200,
  });
}
