import { pythonOf } from "./installation.ts";
import { type RunningServer, startServer } from "./running-server.ts";

/** AWS KMS and S3, with any credentials and in any region. */
export async function startLocalStack(): Promise<RunningServer> {
  return await startServer({
    name: "localstack",
    command: ({ port, folder }) => ({
      program: pythonOf("localstack"),
      args: ["-m", "localstack.runtime.main"],
      env: {
        HOME: folder,
        TMPDIR: folder,
        FILESYSTEM_ROOT: folder,
        PYTHONUNBUFFERED: "1",
        OVERRIDE_IN_DOCKER: "0",
        // The default gateway listens on every interface, whatever address it is given.
        GATEWAY_SERVER: "hypercorn",
        GATEWAY_LISTEN: `127.0.0.1:${port}`,
        DNS_ADDRESS: "0",
        SERVICES: "kms,s3",
        DISABLE_EVENTS: "1",
        SKIP_SSL_CERT_DOWNLOAD: "1",
      },
    }),
    listens: /Running on https?:\/\/127\.0\.0\.1:/,
    healthPath: "/_localstack/health",
    healthStatus: 200,
  });
}
