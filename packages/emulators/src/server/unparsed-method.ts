import { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * The parser of node:http ends a connection whose request begins with a method that it has never heard of, such as Vault's LIST. This makes the request
 * out of the packet that it could not parse: one without a body, after whose answer the connection ends. Undefined: another defect, or another method.
 */
export function unparsedRequest(
  error: Error,
  socket: Socket,
  methods: readonly string[],
): { readonly message: IncomingMessage; readonly response: ServerResponse } | undefined {
  const { code, rawPacket } = error as { code?: string; rawPacket?: Buffer };
  if (code !== "HPE_INVALID_METHOD" || rawPacket === undefined) return undefined;
  const [, method, url, lines] = /^([A-Z]+) (\S+) HTTP\/1\.1\r\n([\s\S]*?)\r\n\r\n$/.exec(rawPacket.toString("latin1")) ?? [];
  if (method === undefined || lines === undefined || !methods.includes(method)) return undefined;
  const message = new IncomingMessage(socket);
  message.method = method;
  message.url = url;
  message.headers = Object.fromEntries(lines.split("\r\n").map((line) => headerOf(line)));
  // Without this the end of reading is taken for an abort, which would end the connection before the answer.
  message.complete = true;
  message.push(null);
  const response = new ServerResponse(message);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once("finish", () => socket.end());
  return { message, response };
}

function headerOf(line: string): readonly [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}
