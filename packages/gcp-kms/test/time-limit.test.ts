import { randomBytes } from "node:crypto";
import { connect, createServer, type Server } from "node:net";
import { KeyManagementServiceClient } from "@google-cloud/kms";
import { kekErrorCode, open, seal } from "@letterlock/core";
import { afterEach, describe, expect, test, vi } from "vitest";
import { gcpKms, gcpKmsTimeoutMs } from "../src/index.ts";
import { callingThrough } from "../src/transport.ts";
import { type ClientKind, clientKinds, overRest } from "./support/gcp-clients.ts";
import { kekCall, rejectionOf, wrappedBy } from "./support/kek-call.ts";
import { runningGcpKms } from "./support/running-gcp-kms.ts";

const kms = runningGcpKms();
const overGrpc = clientKinds.filter((kind) => kind.endsWith("gRPC"));

const patience = { timeout: 10_000 };

afterEach(() => {
  vi.useRealTimers();
});

describe.each(clientKinds)("with a client of %s", (kind) => {
  test.each(["wrap", "unwrap", "currentVersion"] as const)(
    "%s ends when its signal aborts, and nothing more is sent",
    async (operation) => {
      const { start, sent } = await hanging(kind, operation);
      const controller = new AbortController();
      const running = start(controller.signal);
      await vi.waitFor(() => expect(sent()).toBe(1), patience);
      const reason = new Error("enough");
      controller.abort(reason);
      expect(await rejectionOf(running)).toBe(reason);
      expect(sent()).toBe(1);
    },
  );

  test.each(["wrap", "unwrap", "currentVersion"] as const)("%s ends after gcpKmsTimeoutMs without an answer", async (operation) => {
    const { start, sent, kek } = await hanging(kind, operation);
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const running = rejectionOf(start(new AbortController().signal));
    await vi.waitFor(() => expect(sent()).toBe(1), patience);
    await vi.advanceTimersByTimeAsync(gcpKmsTimeoutMs);
    const error = await running;
    expect(kekErrorCode(kek, error)).toBe("unavailable");
    expect(sent()).toBe(1);
  });

  test("sends nothing when the signal has aborted already", async () => {
    const kek = kms.kek(kind);
    const recipient = await wrappedBy(kek, randomBytes(32));
    kms.service.admin.takeRequests();
    const signal = AbortSignal.abort(new Error("before"));
    for (const run of [
      kek.wrap(randomBytes(32), kekCall(signal)),
      kek.unwrap(recipient, kekCall(signal)),
      kek.currentVersion({ signal }),
    ]) {
      expect(await rejectionOf(run)).toBe(signal.reason);
    }
    expect(kms.service.admin.takeRequests()).toEqual([]);
  });

  test("makes one request of a call that fails, where the SDK would go on for minutes", async () => {
    const kek = kms.kek(kind);
    kms.service.admin.fail({ as: "unavailable", times: Infinity });
    await rejectionOf(kek.wrap(randomBytes(32), kekCall()));
    await rejectionOf(kek.currentVersion(kekCall()));
    expect(kms.service.admin.takeRequests()).toHaveLength(2);
  });
});

describe.each(clientKinds.filter((kind) => kind !== "version 5, REST"))("with a client of %s", (kind) => {
  test("sends nothing when the signal aborts before the client got round to it", async () => {
    const kek = kms.kek(kind);
    await wrappedBy(kek, randomBytes(32));
    kms.service.admin.takeRequests();
    for (const turn of [undefined, Promise.resolve()]) {
      const controller = new AbortController();
      const running = rejectionOf(kek.wrap(randomBytes(32), kekCall(controller.signal)));
      await turn;
      controller.abort();
      await running;
    }
    await kek.currentVersion(kekCall());
    expect(kms.service.admin.takeRequests().map(({ operation }) => operation)).toEqual(["GetCryptoKey"]);
  });
});

describe.each(overGrpc)("with a client of %s", (kind) => {
  test.each(["wrap", "unwrap", "currentVersion"] as const)("the service sees that %s was cancelled", async (operation) => {
    const { start, sent } = await hanging(kind, operation);
    const controller = new AbortController();
    const running = rejectionOf(start(controller.signal));
    await vi.waitFor(() => expect(sent()).toBe(1), patience);
    expect(kms.service.admin.takeCancelled()).toEqual([]);
    controller.abort();
    await running;
    await vi.waitFor(() => expect(kms.service.admin.takeCancelled()).toHaveLength(1), patience);
  });
});

test("over REST, the connection of a call that was aborted is closed by version 6", async () => {
  const { proxy, port, clientsGone } = await countingProxy(new URL(kms.service.restEndpoint).port);
  const client = new KeyManagementServiceClient({ ...overRest(kms.service), port });
  const kek = gcpKms({ client, keyName: kms.service.admin.createKey() });
  kms.service.admin.fail({ as: "timeout" });
  const controller = new AbortController();
  const running = rejectionOf(kek.wrap(randomBytes(32), kekCall(controller.signal)));
  await vi.waitFor(() => expect(kms.service.admin.takeRequests()).toHaveLength(1), patience);
  expect(clientsGone()).toBe(0);
  controller.abort();
  await running;
  await vi.waitFor(() => expect(clientsGone()).toBe(1), patience);
  await client.close();
  proxy.close();
});

test("a call whose client never gets ready ends too, and is not made afterwards", async () => {
  const ready = Promise.withResolvers<void>();
  let made = 0;
  const count = async (): Promise<never> => {
    made += 1;
    throw new Error("made");
  };
  const client = { initialize: () => ready.promise, encrypt: count, decrypt: count, getCryptoKey: count };
  const kek = gcpKms({ client, keyName: kms.service.admin.createKey() });
  const controller = new AbortController();
  const running = rejectionOf(kek.wrap(randomBytes(32), kekCall(controller.signal)));
  controller.abort();
  await running;
  ready.resolve();
  await new Promise(setImmediate);
  expect(made).toBe(0);
});

test("a client that throws instead of rejecting is an error of the call too", async () => {
  const broken = (): never => {
    throw new TypeError("broken");
  };
  const keyName = kms.service.admin.createKey();
  for (const client of [
    { initialize: broken, encrypt: unused, decrypt: unused, getCryptoKey: unused },
    { encrypt: broken, decrypt: unused, getCryptoKey: unused },
  ]) {
    const kek = gcpKms({ client, keyName });
    expect(await rejectionOf(kek.wrap(randomBytes(32), kekCall()))).toMatchObject({ name: "CloudKmsError", meaning: "provider-error" });
  }
});

test("a data key that comes too late is zeroed", async () => {
  const answer = Promise.withResolvers<[{ plaintext: Uint8Array }]>();
  const client = { encrypt: unused, decrypt: () => answer.promise, getCryptoKey: unused };
  const kek = gcpKms({ client, keyName: kms.service.admin.createKey() });
  const controller = new AbortController();
  const recipient = { provider: kek.provider, keyRef: kek.keyRef, wrapped: randomBytes(100) };
  const running = rejectionOf(kek.unwrap(recipient, kekCall(controller.signal)));
  await new Promise(setImmediate);
  controller.abort();
  await running;
  const plaintext = new Uint8Array(randomBytes(32));
  answer.resolve([{ plaintext }]);
  await new Promise(setImmediate);
  expect(plaintext).toEqual(new Uint8Array(32));
});

test("leaves nothing on the caller's signal, and no timer", async () => {
  const kek = kms.kek();
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  await kek.wrap(randomBytes(32), kekCall(signal));
  expect(added.mock.calls.length).toBeGreaterThan(0);
  expect(new Set(removed.mock.calls.map(([, listener]) => listener))).toEqual(new Set(added.mock.calls.map(([, listener]) => listener)));
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  await callingThrough({}, "key")("encrypt", signal, async () => "done");
  expect(vi.getTimerCount()).toBe(0);
});

test("the caller's deadline is the caller's error, through core too", async () => {
  const kek = kms.kek();
  const envelope = await seal(Buffer.from("hello"), [kek]);
  kms.service.admin.fail({ as: "timeout", times: Infinity });
  const signal = AbortSignal.timeout(100);
  expect(await rejectionOf(open(envelope, [kek], { signal }))).toBe(signal.reason);
});

/** A call that the service never answers. */
async function hanging(kind: ClientKind, operation: "wrap" | "unwrap" | "currentVersion") {
  const kek = kms.kek(kind);
  const recipient = await wrappedBy(kek, randomBytes(32));
  kms.service.admin.takeRequests();
  kms.service.admin.fail({ as: "timeout", times: Infinity });
  let requests = 0;
  const start = (signal: AbortSignal): Promise<unknown> => {
    if (operation === "currentVersion") return kek.currentVersion({ signal });
    return operation === "wrap" ? kek.wrap(randomBytes(32), kekCall(signal)) : kek.unwrap(recipient, kekCall(signal));
  };
  const sent = (): number => {
    requests += kms.service.admin.takeRequests().length;
    return requests;
  };
  return { kek, start, sent };
}

async function countingProxy(target: string): Promise<{ proxy: Server; port: number; clientsGone(): number }> {
  let gone = 0;
  const proxy = createServer((client) => {
    const upstream = connect(Number(target), "127.0.0.1");
    client.once("close", () => {
      gone += 1;
      upstream.destroy();
    });
    client
      .on("error", () => undefined)
      .pipe(upstream.on("error", () => undefined))
      .pipe(client);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const address = proxy.address();
  return { proxy, port: typeof address === "object" && address !== null ? address.port : 0, clientsGone: () => gone };
}

async function unused(): Promise<never> {
  return expect.unreachable("nothing is called");
}
