import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Stands before a server and passes everything on as it is: what reached the server is known, and one address never answers. */
export interface Front extends AsyncDisposable {
  readonly endpoint: string;
  /** Takes requests and never answers. */
  readonly silentEndpoint: string;
  /** What reached either address since the last call, oldest first. */
  takeRequests(): readonly FrontRequest[];
}

export interface FrontRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export async function startFront(target: string): Promise<Front> {
  let seen: FrontRequest[] = [];
  const see = async (message: IncomingMessage): Promise<Buffer> => {
    const chunks: Buffer[] = [];
    for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    seen.push({ path: message.url ?? "/", headers: message.headers, body: body.toString() });
    return body;
  };
  const passing = await listening((message, response) => {
    see(message).then(
      (body) => pass(target, message, body, response),
      () => response.destroy(),
    );
  });
  const silent = await listening((message) => {
    see(message).catch(() => undefined);
  });
  return {
    endpoint: addressOf(passing),
    silentEndpoint: addressOf(silent),
    takeRequests() {
      const taken = seen;
      seen = [];
      return taken;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([passing, silent].map(close));
    },
  };
}

function pass(target: string, { method, url, headers }: IncomingMessage, body: Buffer, response: ServerResponse): void {
  const onwards = request(new URL(url ?? "/", target), { method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onwards.on("error", () => response.destroy());
  response.on("close", () => onwards.destroy());
  onwards.end(body);
}

function listening(listener: (message: IncomingMessage, response: ServerResponse) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(listener);
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => resolve(server));
  });
}

function addressOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
