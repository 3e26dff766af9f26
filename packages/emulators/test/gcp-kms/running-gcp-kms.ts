import { KeyManagementServiceClient } from "@google-cloud/kms";
import { PassThroughClient } from "google-auth-library";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type GcpKmsEmulator, startGcpKms } from "../../src/index.ts";

export type Transport = "gRPC" | "REST";
export const transports: readonly Transport[] = ["gRPC", "REST"];

/** A second is long enough for every answer, and no test waits for a retry. */
export const once = (): { timeout: number; retry: null } => ({ timeout: 1000, retry: null });

export interface RunningGcpKms {
  readonly service: GcpKmsEmulator;
  client(transport: Transport): KeyManagementServiceClient;
  /** The answer to a POST, or without a body to a GET. */
  rest(path: string, body?: unknown, headers?: Record<string, string>): Promise<{ status: number; type: string | null; body: unknown }>;
}

/** An emulator for the tests of a file. */
export function runningGcpKms(): RunningGcpKms {
  let started: GcpKmsEmulator | undefined;
  const clients = new Map<Transport, KeyManagementServiceClient>();
  const running: RunningGcpKms = {
    get service() {
      if (started === undefined) throw new Error("the emulator is not running yet");
      return started;
    },
    client(transport) {
      const client = clients.get(transport) ?? newClient(running.service, transport);
      clients.set(transport, client);
      return client;
    },
    async rest(path, body, headers = {}) {
      const method = body === undefined ? "GET" : "POST";
      const text = typeof body === "string" ? body : JSON.stringify(body);
      const response = await fetch(`${running.service.restEndpoint}${path}`, {
        method,
        headers,
        ...(body !== undefined && { body: text }),
      });
      const answer = await response.text();
      const type = response.headers.get("content-type");
      return { status: response.status, type, body: type?.startsWith("application/json") ? JSON.parse(answer) : answer };
    },
  };
  beforeAll(async () => {
    started = await startGcpKms();
  });
  afterEach(() => {
    started?.admin.clearFaults();
    started?.admin.allowAll();
    started?.admin.askToWait(undefined);
    started?.admin.takeRequests();
    started?.admin.takeCancelled();
  });
  afterAll(async () => {
    await started?.close();
    for (const client of clients.values()) await client.close();
  });
  return running;
}

export function newClient(service: GcpKmsEmulator, transport: Transport): KeyManagementServiceClient {
  if (transport === "gRPC") return new KeyManagementServiceClient(service.clientOptions);
  const { hostname, port } = new URL(service.restEndpoint);
  const authClient = new PassThroughClient();
  return new KeyManagementServiceClient({ fallback: true, protocol: "http", apiEndpoint: hostname, port: Number(port), authClient });
}

/** What the SDK rejects with. */
export interface KmsFailure {
  readonly code?: number;
  readonly message: string;
  readonly details?: unknown;
  readonly statusDetails?: readonly Record<string, unknown>[];
  readonly reason?: string;
  readonly domain?: string;
}

export async function failureOf(promise: Promise<unknown>): Promise<KmsFailure> {
  return promise.then(
    () => {
      throw new Error("it did not fail");
    },
    (reason: KmsFailure) => reason,
  );
}

/** The words of the service, wherever the transport puts them. */
export function textOf({ details, message }: KmsFailure): string {
  return typeof details === "string" ? details : message;
}
