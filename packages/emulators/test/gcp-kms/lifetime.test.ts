import { execFile } from "node:child_process";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { gcpKmsDifferences, startGcpKms } from "../../src/index.ts";
import { failureOf, newClient, once } from "./running-gcp-kms.ts";

test("two emulators share nothing, and each listens where it says", async () => {
  await using first = await startGcpKms();
  await using second = await startGcpKms();
  expect(first.endpoint).toMatch(/^127\.0\.0\.1:\d+$/);
  expect(first.restEndpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  const name = first.admin.createKey();
  const client = newClient(second, "gRPC");
  expect((await failureOf(client.getCryptoKey({ name }, once()))).code).toBe(5);
  await client.close();
});

test("the ports can be chosen, and are free again after close", async () => {
  const first = await startGcpKms();
  const port = first.clientOptions.port;
  const restPort = Number(new URL(first.restEndpoint).port);
  await first.close();
  await using again = await startGcpKms({ port, restPort });
  expect([again.endpoint, again.restEndpoint]).toEqual([first.endpoint, first.restEndpoint]);
  await expect(startGcpKms({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  await expect(startGcpKms({ restPort })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("close ends calls that are never answered, and can be called twice", async () => {
  const service = await startGcpKms();
  const name = service.admin.createKey();
  const clients = [newClient(service, "gRPC"), newClient(service, "REST")];
  for (const client of clients) await client.getCryptoKey({ name }, once());
  service.admin.fail({ as: "timeout", times: Infinity });
  const hanging = clients.map((client) => failureOf(client.getCryptoKey({ name }, { timeout: 60_000, retry: null })));
  await expect.poll(() => service.admin.takeRequests().length).toBeGreaterThan(0);
  await service.close();
  await service.close();
  for (const { code } of await Promise.all(hanging)) expect(code).toBe(14);
  await Promise.all(clients.map((client) => client.close()));
});

test("close does not wait for a slow answer", async () => {
  const service = await startGcpKms();
  const name = service.admin.createKey();
  const client = newClient(service, "gRPC");
  service.admin.fail({ as: "slow", afterMs: 60_000 });
  const failing = failureOf(client.getCryptoKey({ name }, { timeout: 60_000, retry: null }));
  await expect.poll(() => service.admin.takeRequests().length).toBe(1);
  await service.close();
  expect((await failing).code).toBe(14);
  await client.close();
});

test("something else than HTTP/2 on the port ends that connection alone", async () => {
  await using service = await startGcpKms();
  const socket = connect(service.clientOptions.port, "127.0.0.1");
  socket.on("error", () => undefined).resume();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write("GET / HTTP/1.1\r\n\r\n");
  await closed;
  const client = newClient(service, "gRPC");
  await client.getCryptoKey({ name: service.admin.createKey() }, once());
  await client.close();
});

test("listens on loopback only, unless told otherwise", async () => {
  await expect(startGcpKms({ host: "0.0.0.0" })).rejects.toThrow(RangeError);
  await using service = await startGcpKms({ host: "::1" });
  expect(service.endpoint).toMatch(/^\[::1\]:\d+$/);
});

test("grpc-js is loaded by whoever starts this emulator, and by nobody else", async () => {
  const loaded = `Object.keys(process.getBuiltinModule("node:module")._cache).filter((path) => path.includes("grpc")).length`;
  const script = `
    const { startGcpKms } = await import(${JSON.stringify(join(import.meta.dirname, "../../src/index.ts"))});
    const before = ${loaded};
    await (await startGcpKms()).close();
    console.log(JSON.stringify([before, ${loaded} > 0]));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--conditions=source", "--input-type=module", "--eval", script]);
  expect(JSON.parse(stdout)).toEqual([0, true]);
});

test("says in which ways it differs from the service", () => {
  expect(gcpKmsDifferences.length).toBeGreaterThan(0);
  for (const { kind, what } of gcpKmsDifferences)
    expect([["differs", "unconfirmed"].includes(kind), what]).toEqual([true, expect.stringMatching(/^.+[^.]$/)]);
});
