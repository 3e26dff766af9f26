import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { KMSClient, type KMSClientConfig } from "@aws-sdk/client-kms";

export interface Gateway extends AsyncDisposable {
  readonly client: KMSClient;
}

/** What stands before the service, and answers in its place. */
export async function gatewayAnswering(
  answer: (response: ServerResponse, request: string) => void,
  config: KMSClientConfig = {},
): Promise<Gateway> {
  const server = createServer(async (request, response) => answer(response, Buffer.concat(await request.toArray()).toString()));
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const credentials = { accessKeyId: "alice", secretAccessKey: "secret" };
  const client = new KMSClient({ endpoint: `http://127.0.0.1:${port}`, region: "us-east-1", credentials, maxAttempts: 1, ...config });
  return {
    client,
    async [Symbol.asyncDispose]() {
      client.destroy();
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
