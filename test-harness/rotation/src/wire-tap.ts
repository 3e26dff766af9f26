import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands before a service that speaks HTTP, passes everything on as it is, and keeps what crossed the wire in both directions. */
export interface WireTap extends AsyncDisposable {
  readonly endpoint: string;
  /** Since the last call, in the order in which the answers were complete. */
  take(): readonly Exchange[];
}

export interface Exchange {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly status: number;
  readonly requestBody: Buffer;
  readonly responseBody: Buffer;
}

export async function startWireTap(target: string): Promise<WireTap> {
  let exchanges: Exchange[] = [];
  const server = createServer((message, response) => {
    pass(target, message, response).then(
      (exchange) => exchanges.push(exchange),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    take() {
      const taken = exchanges;
      exchanges = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function pass(target: string, message: IncomingMessage, response: ServerResponse): Promise<Exchange> {
  const { method, url: path = "/", headers } = message;
  const requestBody = await bytesOf(message);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    request(new URL(path, target), { method, headers }, resolve).once("error", reject).end(requestBody);
  });
  const responseBody = await bytesOf(answer);
  const status = answer.statusCode ?? 502;
  const { "transfer-encoding": _whole, ...kept } = answer.headers;
  response.writeHead(status, { ...kept, "content-length": responseBody.length });
  response.end(responseBody);
  return { path, headers, status, requestBody, responseBody };
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
