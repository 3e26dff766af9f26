import { createServer as createHttpServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import type { AddressInfo } from "node:net";

/** What stands before a service and refuses requests with their own words. */
export interface EchoingGateway extends AsyncDisposable {
  readonly port: number;
  /** An HTTP status, and the body, or over gRPC the message, that quotes the bytes of a request in base64. Over gRPC the status is INVALID_ARGUMENT. */
  answer: { status: number; quoting(quoted: string, request: string): string };
  /** What was quoted. */
  readonly quoted: string[];
}

export async function echoingGateway(transport: "gRPC" | "REST"): Promise<EchoingGateway> {
  const quoted: string[] = [];
  const server = transport === "REST" ? createHttpServer() : createHttp2Server();
  const gateway: EchoingGateway = {
    get port() {
      return (server.address() as AddressInfo).port;
    },
    answer: { status: 400, quoting: (key) => key },
    quoted,
    async [Symbol.asyncDispose]() {
      await new Promise((closed) => {
        server.close(closed);
        if ("closeAllConnections" in server) server.closeAllConnections();
      });
    },
  };
  if ("closeAllConnections" in server) {
    server.on("request", async (request, response) => {
      const body = Buffer.concat(await request.toArray()).toString();
      const { plaintext, ciphertext } = JSON.parse(body || "{}") as { plaintext?: string; ciphertext?: string };
      const key = plaintext ?? ciphertext ?? "";
      quoted.push(key);
      response.writeHead(gateway.answer.status, { "content-type": "application/json" });
      response.end(gateway.answer.quoting(key, body));
    });
  } else {
    server.on("stream", async (stream) => {
      const body = Buffer.concat(await stream.toArray());
      const key = secondField(body.subarray(5)).toString("base64");
      quoted.push(key);
      const message = encodeURI(gateway.answer.quoting(key, body.toString("base64")));
      stream.respond(
        { ":status": 200, "content-type": "application/grpc", "grpc-status": "3", "grpc-message": message },
        { endStream: true },
      );
    });
  }
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return gateway;
}

/** Of a protobuf message whose first two fields are bytes of less than 2^14: the name of the key, then what it shall work on. */
function secondField(message: Buffer): Buffer {
  const [, second] = [field(message, 0), field(message, field(message, 0).end)];
  return message.subarray(second.start, second.end);
}

function field(message: Buffer, at: number): { readonly start: number; readonly end: number } {
  const low = message[at + 1] ?? 0;
  const long = low > 0x7f;
  const length = long ? (low & 0x7f) | ((message[at + 2] ?? 0) << 7) : low;
  const start = at + (long ? 3 : 2);
  return { start, end: start + length };
}
