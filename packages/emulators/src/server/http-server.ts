import { createServer as createHttpServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { TLSSocket } from "node:tls";
import type { Faults, MetFault } from "./faults.ts";
import { hostInUrl, type ListenAddress } from "./loopback.ts";
import type { RequestLog, ServiceRequest } from "./request-log.ts";
import { unparsedRequest } from "./unparsed-method.ts";

export interface HttpRequest {
  readonly method: string;
  /** Relative to the service's own origin. */
  readonly url: URL;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Undefined: an empty body. Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

/** What differs between the services that speak HTTP. */
export interface HttpService {
  /** Methods of the service that node:http does not know. */
  readonly methods?: readonly string[];
  /** What the request asks for; names nothing that it does not understand. Never throws. */
  understand(request: HttpRequest): Omit<ServiceRequest, "fault">;
  /** Throws nothing that is an answer of the service: an exception is a defect of the emulator, and becomes a 500 with its text. */
  answer(request: HttpRequest, understood: Omit<ServiceRequest, "fault">): HttpAnswer | Promise<HttpAnswer>;
  /** The service's own errors for these two. */
  refuse(as: "throttled" | "unavailable", request: HttpRequest): HttpAnswer;
  /** The answer, wrong in one way; one that has no such value stays as it is. */
  distort(as: "wrong-key" | "wrong-length", answer: HttpAnswer): HttpAnswer;
}

export interface HttpServer {
  /** "http://127.0.0.1:40123" */
  readonly origin: string;
  close(): Promise<void>;
}

interface HttpServerOptions extends ListenAddress {
  readonly service: HttpService;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** PEM. With it the server speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string } | undefined;
}

/** The largest request that any of the four services takes is far below. */
const mostBodyBytes = 33 * 1024 * 1024;

export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const closing = new AbortController();
  const listener: RequestListener = (message, response) => {
    serve(options, closing.signal, message, response).catch((error: unknown) => {
      if (closing.signal.aborted || response.destroyed) return;
      send(response, { status: 500, body: { emulatorDefect: String(error) } });
    });
  };
  const server: Server = options.tls === undefined ? createHttpServer(listener) : createHttpsServer(options.tls, listener);
  const { methods } = options.service;
  if (methods !== undefined) {
    server.on("clientError", (error, socket) => {
      const request = unparsedRequest(error, socket as Socket, methods);
      if (request === undefined) socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
      else listener(request.message, request.response);
    });
  }
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    origin: `${options.tls === undefined ? "http" : "https"}://${hostInUrl(options.host)}:${port}`,
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function serve(
  { service, faults, log }: HttpServerOptions,
  closing: AbortSignal,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const request = await read(message, response);
  if (request === undefined) return;
  const understood = service.understand(request);
  const fault = faults.meet(understood.operation);
  log.add({ ...understood, fault: fault?.as });
  if (fault === undefined) return send(response, await service.answer(request, understood));
  if (fault.afterMs > 0) await wait(fault.afterMs, undefined, { signal: closing });
  const answer = await faulty(service, fault, message, request, () => service.answer(request, understood));
  if (answer !== undefined) send(response, answer);
}

async function faulty(
  service: HttpService,
  { as }: MetFault,
  message: IncomingMessage,
  request: HttpRequest,
  answer: () => HttpAnswer | Promise<HttpAnswer>,
): Promise<HttpAnswer | undefined> {
  switch (as) {
    case "throttled":
    case "unavailable":
      return service.refuse(as, request);
    case "reset":
      breakConnection(message.socket);
      return undefined;
    case "timeout":
      return undefined;
    case "garbage":
      return { status: 200, headers: { "content-type": "text/html" }, body: "<html>not what you asked for</html>" };
    case "wrong-key":
    case "wrong-length":
      return service.distort(as, await answer());
    case "slow":
      return answer();
  }
}

/** A TLS socket has no handle that could send a reset; the client is told of the same ECONNRESET when it is closed without an answer. */
function breakConnection(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

async function read(message: IncomingMessage, response: ServerResponse): Promise<HttpRequest | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > mostBodyBytes) {
      send(response, { status: 413 });
      return undefined;
    }
    chunks.push(chunk);
  }
  const path = (message.url ?? "/").replace(/^\/+/, "/");
  return { method: message.method ?? "GET", url: new URL(path, "http://emulator"), headers: message.headers, body: Buffer.concat(chunks) };
}

function send(response: ServerResponse, { status, headers = {}, body }: HttpAnswer): void {
  const text = body === undefined || typeof body === "string" ? (body ?? "") : JSON.stringify(body);
  response.writeHead(status, {
    ...(body === undefined || typeof body === "string" ? {} : { "content-type": "application/json" }),
    ...headers,
    "content-length": Buffer.byteLength(text),
  });
  response.end(text);
}
