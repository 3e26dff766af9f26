import type { KeyManagementServiceClient } from "@google-cloud/kms";
import type { KeyManagementServiceClient as KeyManagementServiceClient5 } from "@google-cloud/kms-v5";
import { type GcpKmsEmulator, startGcpKms } from "@letterlock/emulators";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type GcpKmsClient, type GcpKmsKek, gcpKms } from "../../src/index.ts";
import { type ClientKind, gcpClient } from "./gcp-clients.ts";

export interface RunningGcpKms {
  readonly service: GcpKmsEmulator;
  /** A new client. */
  client(kind?: ClientKind): KeyManagementServiceClient | KeyManagementServiceClient5;
  /** A KEK for `keyName`, or for a new key, whose client is shared with the others of its kind. */
  kek(kind?: ClientKind, keyName?: string): GcpKmsKek;
}

/** An emulator for the tests of a file. */
export function runningGcpKms(): RunningGcpKms {
  let service: GcpKmsEmulator | undefined;
  const made: { close(): Promise<void> }[] = [];
  const shared = new Map<ClientKind, GcpKmsClient>();
  const running: RunningGcpKms = {
    get service() {
      if (service === undefined) throw new Error("the emulator is not running yet");
      return service;
    },
    client(kind = "version 6, gRPC") {
      const client = gcpClient(running.service, kind);
      made.push(client);
      return client;
    },
    kek(kind = "version 6, gRPC", keyName = running.service.admin.createKey()) {
      const client = shared.get(kind) ?? running.client(kind);
      shared.set(kind, client);
      return gcpKms({ client, keyName });
    },
  };
  beforeAll(async () => {
    service = await startGcpKms();
  });
  afterEach(() => {
    service?.admin.clearFaults();
    service?.admin.allowAll();
    service?.admin.askToWait(undefined);
    service?.admin.takeRequests();
    service?.admin.takeCancelled();
  });
  afterAll(async () => {
    await service?.close();
    await Promise.all(made.map((client) => client.close()));
  });
  return running;
}
