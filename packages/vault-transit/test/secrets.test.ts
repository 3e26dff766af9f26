import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { inspect } from "node:util";
import { open, seal } from "@letterlock/core";
import { startVaultTransit } from "@letterlock/emulators";
import nodeVault from "node-vault";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { type VaultClient, vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, recipientOf, rejection } from "./support/call.ts";
import { answeringClient } from "./support/recording-client.ts";

const token = "s.SECRETTOKENSECRETTOKEN42";
const vault = await startVaultTransit({ rootToken: token });
const { admin } = vault;
const call = callFor();

/** Answers every request with the request itself: the worst that a gateway can do. */
const echo = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = `${Buffer.concat(chunks)} ${request.headers["x-vault-token"]}`;
  response.writeHead(Number(request.headers["x-status"] ?? 500), { "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [text, `refused ${text}`], text }));
});
await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
const echoEndpoint = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`;
const unused = createServer();
await new Promise<void>((resolve) => unused.listen(0, "127.0.0.1", resolve));
const deadEndpoint = `http://127.0.0.1:${(unused.address() as AddressInfo).port}`;
await new Promise((resolve) => unused.close(resolve));

const made: { close(): Promise<void> }[] = [];
afterAll(async () => {
  await vault.close();
  await Promise.all(made.map((client) => client.close()));
  echo.closeAllConnections();
  await new Promise((resolve) => echo.close(resolve));
});
afterEach(() => {
  admin.clearFaults();
  admin.allowAll();
});

type Connect = (endpoint: string, timeoutMs?: number) => VaultClient;
const own: Connect = (endpoint, timeoutMs = 5000) => {
  const client = vaultClient({ endpoint, token, timeoutMs });
  made.push(client);
  return client;
};
const foreign: Connect = (endpoint, timeoutMs = 5000) => nodeVault({ endpoint, token, requestOptions: { timeout: timeoutMs } });

/** Every way in which an error, or what it holds, is printed. */
function printed(error: unknown): string {
  const texts: string[] = [];
  for (let one = error; one !== undefined && texts.length < 40; one = (one as { cause?: unknown } | null)?.cause) {
    texts.push(inspect(one, { depth: 20, showHidden: true, getters: true }), String((one as Error)?.stack), json(one));
    texts.push(json(Object.getOwnPropertyDescriptors(one ?? {})));
  }
  return texts.join("\n");
}

function json(value: unknown): string {
  try {
    return JSON.stringify(value) ?? "";
  } catch {
    return "";
  }
}

function expectSilent(error: unknown, dataKey: Uint8Array): void {
  const text = printed(error);
  const key = Buffer.from(dataKey);
  for (const secret of [
    token,
    token.slice(4, 20),
    key.toString("base64").slice(0, 20),
    key.toString("hex").slice(0, 20),
    [...key.subarray(0, 8)].join(","),
  ]) {
    expect(text).not.toContain(secret);
  }
}

/** A client that shows what it was given to a KEK that then works: the key has been looked at. */
async function warm(client: VaultClient) {
  const ref = admin.createKey();
  const kek = vaultTransit({ client, keyName: ref.slice("transit/".length) });
  const dataKey = newDataKey();
  const wrapped = await kek.wrap(Uint8Array.from(dataKey), call);
  return { kek, dataKey, recipient: recipientOf(ref, wrapped) };
}

test("this file can find a secret: node-vault's own error holds both", async () => {
  const dataKey = newDataKey();
  const plaintext = Buffer.from(dataKey).toString("base64");
  const error = await rejection(foreign(deadEndpoint).write("transit/encrypt/app", { plaintext }));
  expect(printed(error)).toContain(token);
  expect(printed(error)).toContain(plaintext);
  expect(() => expectSilent(error, dataKey)).toThrow();
});

describe.each([
  ["its own client", own],
  ["node-vault", foreign],
])("an error holds neither the token nor the data key, with %s", (_, connect) => {
  test.each(["throttled", "unavailable", "reset", "garbage", "wrong-length"] as const)("when wrapping meets %s", async (as) => {
    const { kek } = await warm(connect(vault.endpoint));
    const dataKey = newDataKey();
    admin.fail({ operation: "encrypt", as });
    expectSilent(await rejection(kek.wrap(Uint8Array.from(dataKey), call)), dataKey);
  });

  test.each(["throttled", "unavailable", "reset", "garbage"] as const)("when unwrapping meets %s", async (as) => {
    const { kek, dataKey, recipient } = await warm(connect(vault.endpoint));
    admin.fail({ operation: "decrypt", as });
    expectSilent(await rejection(kek.unwrap(recipient, call)), dataKey);
  });

  test("when it takes too long", async () => {
    const { kek } = await warm(connect(vault.endpoint, 200));
    const dataKey = newDataKey();
    admin.fail({ operation: "encrypt", as: "timeout" });
    expectSilent(await rejection(kek.wrap(Uint8Array.from(dataKey), call)), dataKey);
  });

  test("when nobody listens", async () => {
    const dataKey = newDataKey();
    const kek = vaultTransit({ client: connect(deadEndpoint), keyName: "app" });
    expectSilent(await rejection(kek.wrap(Uint8Array.from(dataKey), call)), dataKey);
    const live = connect(vault.endpoint);
    const dying: VaultClient = { read: (path) => live.read(path), write: (path, data) => connect(deadEndpoint).write(path, data) };
    const { keyRef } = (await warm(live)).kek;
    const later = vaultTransit({ client: dying, keyName: keyRef.slice("transit/".length) });
    expectSilent(await rejection(later.wrap(Uint8Array.from(dataKey), call)), dataKey);
  });

  test("when it is refused", async () => {
    const { kek } = await warm(connect(vault.endpoint));
    const dataKey = newDataKey();
    admin.deny({ operation: "encrypt" });
    expectSilent(await rejection(kek.wrap(Uint8Array.from(dataKey), call)), dataKey);
  });

  test("when a gateway answers with the request itself", async () => {
    const live = connect(vault.endpoint);
    const { keyRef } = (await warm(live)).kek;
    const mirrored: VaultClient = { read: (path) => live.read(path), write: (path, data) => connect(echoEndpoint).write(path, data) };
    const kek = vaultTransit({ client: mirrored, keyName: keyRef.slice("transit/".length) });
    const dataKey = newDataKey();
    expectSilent(await rejection(kek.wrap(Uint8Array.from(dataKey), call)), dataKey);
  });

  test("when some items of a batch failed, and the answer holds the data keys of the others", async () => {
    const ref = admin.createKey();
    const kek = vaultTransit({ client: connect(vault.endpoint), keyName: ref.slice("transit/".length), batch: true });
    const keys = [newDataKey(), newDataKey(), newDataKey()];
    const wrapped = await Promise.all(keys.map((key) => kek.wrap(Uint8Array.from(key), call)));
    const results = await Promise.allSettled(
      wrapped.map((one, index) => kek.unwrap(recipientOf(ref, one), index === 1 ? callFor("other") : call)),
    );
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    for (const key of keys) expectSilent((results[1] as PromiseRejectedResult).reason, key);
  });

  test("through core, as the cause of its error", async () => {
    const { kek } = await warm(connect(vault.endpoint));
    const envelope = await seal(new Uint8Array(1), [kek]);
    for (const as of ["reset", "unavailable"] as const) {
      admin.fail({ as, times: 2 });
      for (const run of [() => seal(new Uint8Array(1), [kek]), () => open(envelope, [kek])]) {
        const error = await rejection(run());
        expect((error as Error).cause).toBeInstanceOf(Error);
        expectSilent((error as Error).cause, newDataKey());
        expectSilent(error, newDataKey());
      }
    }
  });
});

test("an error that is not an error, or a client that throws at once, gives a clean one too", async () => {
  const dataKey = newDataKey();
  const plaintext = Buffer.from(dataKey).toString("base64");
  for (const thrown of [plaintext, { plaintext, token }, new Error(`${token} ${plaintext}`), null, undefined]) {
    const client = answeringClient(() => {
      throw thrown;
    });
    const kek = vaultTransit({ client, keyName: "app" });
    const error = await rejection(kek.wrap(Uint8Array.from(dataKey), call));
    expectSilent(error, dataKey);
    expect(kek.errorCode(error)).toBe("provider-error");
  }
  const atOnce = {
    read() {
      throw new Error(token);
    },
    write() {
      throw new Error(token);
    },
  };
  expectSilent(await rejection(vaultTransit({ client: atOnce, keyName: "app" }).wrap(dataKey, call)), dataKey);
});

test("what a function that gives tokens throws is not shown", async () => {
  const client = vaultClient({
    endpoint: vault.endpoint,
    token: () => {
      throw new Error(`${token} is over`);
    },
  });
  made.push(client);
  const error = await rejection(client.read("transit/keys/app"));
  expectSilent(error, newDataKey());
});
