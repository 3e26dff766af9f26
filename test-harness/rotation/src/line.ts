import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** The way to a service. It can break while the service behind it keeps its keys, so that there is something to come back. */
export interface Line extends AsyncDisposable {
  readonly port: number;
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Connections are taken and stay open; nothing passes any more. */
  silence(): void;
  /** Passes again, on the same port. What was cut or silent before stays broken. */
  mend(): Promise<void>;
}

export async function startLine(targetPort: number): Promise<Line> {
  const sockets = new Set<Socket>();
  let silent = false;
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    // A broken connection is an event of this test, and its own "close" follows.
    socket.on("error", () => undefined).once("close", () => sockets.delete(socket));
  };
  const breakAll = (): void => {
    for (const socket of sockets) socket.resetAndDestroy();
  };
  const accept = (near: Socket): void => {
    keep(near);
    if (silent) return;
    const far = connect(targetPort, "127.0.0.1");
    keep(far);
    near.pipe(far).pipe(near);
    near.once("close", () => far.destroy());
    far.once("close", () => near.destroy());
  };
  let server = await listen(0, accept);
  const { port } = server.address() as AddressInfo;
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    breakAll();
    await closed;
  };
  return {
    port,
    cut,
    silence() {
      silent = true;
      for (const socket of sockets) socket.unpipe().pause();
    },
    async mend() {
      silent = false;
      breakAll();
      if (!server.listening) server = await listen(port, accept);
    },
    async [Symbol.asyncDispose]() {
      if (server.listening) await cut();
    },
  };
}

function listen(port: number, accept: (socket: Socket) => void): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer(accept);
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

export function portOf(endpoint: string): number {
  return Number(endpoint.slice(endpoint.lastIndexOf(":") + 1));
}
