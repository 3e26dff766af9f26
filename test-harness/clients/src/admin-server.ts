import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

interface AdminServer extends AsyncDisposable {
  /** A POST to this URL, a slash and a service calls a function of its admin: `{"method": "fail", "arguments": [{"as": "throttled"}]}`. */
  readonly url: string;
}

/** Lets tests in other processes ask the emulators of this one for faults and denials. */
export async function startAdminServer(admins: Readonly<Record<string, object>>): Promise<AdminServer> {
  const server = createServer((request, response) => {
    call(admins, request).then(
      (result) => response.end(JSON.stringify(result ?? null)),
      (error: unknown) => response.writeHead(400).end(String(error)),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function call(admins: Readonly<Record<string, object>>, request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const { method, arguments: given } = JSON.parse(String(Buffer.concat(chunks))) as { method: string; arguments: unknown[] };
  const admin: unknown = Reflect.get(admins[(request.url ?? "/").slice(1)] ?? {}, method);
  if (typeof admin !== "function") throw new RangeError(`${request.url} has no ${method}`);
  return admin(...given);
}
