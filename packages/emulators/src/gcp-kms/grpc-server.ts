import { createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { ChannelCredentials, Metadata, ServerUnaryCall, sendUnaryData } from "@grpc/grpc-js";
import type { Faults, MetFault } from "../server/faults.ts";
import type { ListenAddress } from "../server/loopback.ts";
import type { RequestLog } from "../server/request-log.ts";
import type { Message } from "./damage.ts";
import { grpcDefinition } from "./grpc-definition.ts";
import { operations, type Service } from "./service.ts";
import { codes, Refusal, statusBytes } from "./status.ts";

export interface GrpcServer {
  readonly port: number;
  /** Credentials of a client for a connection without TLS. */
  readonly insecure: ChannelCredentials;
  /** The operations of the calls that their client gave up before they were answered. */
  takeCancelled(): readonly string[];
  close(): Promise<void>;
}

interface GrpcServerOptions extends ListenAddress {
  readonly service: Service;
  readonly faults: Faults;
  readonly log: RequestLog;
}

type Call = ServerUnaryCall<Message, Message | Uint8Array>;
type Answer = sendUnaryData<Message | Uint8Array>;

/** 33 MiB: the largest request of the service is far below, and a refusal of grpc-js would look like one of a quota. */
const mostBytes = 33 * 1024 * 1024;

/** grpc-js is loaded here, so that it costs nothing to whoever starts another emulator. */
export async function startGrpcServer(options: GrpcServerOptions): Promise<GrpcServer> {
  const [grpc, { fromJSON }] = await Promise.all([import("@grpc/grpc-js"), import("@grpc/proto-loader")]);
  const server = new grpc.Server({ "grpc.max_receive_message_length": mostBytes, "grpc.max_send_message_length": mostBytes });
  const closing = new AbortController();
  const cancelled: string[] = [];
  // The sockets are accepted here and handed to grpc-js, which offers no way to break one.
  const sockets = new Map<string, Socket>();
  const serve = (operation: string) => (call: Call, answer: Answer) => {
    // grpc-js says "cancelled" of every call that ends, the answered ones too.
    let ended = false;
    call.once("cancelled", () => ended || cancelled.push(operation));
    const end = (...given: Parameters<Answer>): void => {
      ended = true;
      if (!call.cancelled) answer(...given);
    };
    const breakConnection = (): void => {
      ended = true;
      sockets.get(call.getPeer())?.resetAndDestroy();
    };
    const statusOf = (refusal: Refusal): { code: number; details: string; metadata: Metadata } => {
      const metadata = new grpc.Metadata();
      metadata.set("grpc-status-details-bin", statusBytes(refusal));
      return { code: codes[refusal.status][0], details: refusal.message, metadata };
    };
    run({ ...options, operation, call, closing: closing.signal, breakConnection })
      .then((message) => message !== undefined && end(null, message))
      .catch((error: unknown) => {
        if (closing.signal.aborted) return;
        end(error instanceof Refusal ? statusOf(error) : { code: grpc.status.INTERNAL, details: `emulator defect: ${error}` });
      });
  };
  server.addService(grpcDefinition(fromJSON), Object.fromEntries(operations.map((operation) => [operation, serve(operation)])));
  const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
  const listener = createServer((socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(peer, socket);
    socket.once("close", () => sockets.delete(peer));
    injector.injectConnection(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(options.port, options.host, resolve);
  });
  const address = listener.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : options.port,
    insecure: grpc.credentials.createInsecure(),
    takeCancelled: () => cancelled.splice(0),
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      // First, so that the clients see a service that is gone, and not one that cancels.
      for (const socket of sockets.values()) socket.destroy();
      server.forceShutdown();
      await closed;
    },
  };
}

interface Run extends GrpcServerOptions {
  readonly operation: string;
  readonly call: Call;
  readonly closing: AbortSignal;
  readonly breakConnection: () => void;
}

/** Undefined where no answer is sent. */
async function run({ service, faults, log, operation, call, closing, breakConnection }: Run): Promise<Message | Uint8Array | undefined> {
  const understood = service.understand(operation, call.request, bearerToken(call.metadata.get("authorization")[0]));
  const fault: MetFault | undefined = faults.meet(operation);
  log.add({ ...understood, fault: fault?.as });
  if (fault !== undefined && fault.afterMs > 0) await wait(fault.afterMs, undefined, { signal: closing });
  if (fault === undefined) return service.answer(understood, call.request);
  switch (fault.as) {
    case "throttled":
    case "unavailable":
      throw service.refuse(fault.as);
    case "reset":
      breakConnection();
      return undefined;
    case "timeout":
      return undefined;
    case "garbage":
      return Buffer.from("<html>not what you asked for</html>");
    default:
      return service.distort(fault.as, service.answer(understood, call.request));
  }
}

export function bearerToken(header: unknown): string | undefined {
  return typeof header === "string" ? /^Bearer (.+)$/i.exec(header)?.[1] : undefined;
}
