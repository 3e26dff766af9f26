import { createServer, type Server } from "node:net";

/** A port of 127.0.0.1 that nothing listens on, and nothing on the one after it either: OpenBao takes both. Nothing keeps them free. */
export async function freePort(): Promise<number> {
  for (;;) {
    const first = await listen(0);
    const port = portOf(first as Server);
    const second = await listen(port + 1);
    await Promise.all([close(first), close(second)]);
    if (second !== undefined) return port;
  }
}

/** Undefined where the port is taken, or is none. */
function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    if (port > 65_535) return resolve(undefined);
    const server = createServer();
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("the server does not listen on a port");
  return address.port;
}

function close(server: Server | undefined): Promise<void> {
  return new Promise((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
}
