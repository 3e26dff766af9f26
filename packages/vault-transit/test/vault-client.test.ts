import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer } from "node:net";
import { startVaultTransit } from "@letterlock/emulators";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { type VaultClientOptions, vaultClient } from "../src/index.ts";
import { rejection } from "./support/call.ts";

const vault = await startVaultTransit();
const { admin, endpoint } = vault;
const ref = admin.createKey();
const path = ref.replace("/", "/encrypt/");
const data = { plaintext: "AAAA" };
const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
  admin.clearFaults();
});
afterAll(() => vault.close());

function client(options: Partial<VaultClientOptions> = {}) {
  const made = vaultClient({ endpoint, token: "root", ...options });
  ending.push(() => made.close());
  return made;
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<string> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ending.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("writes and reads", async () => {
  const own = client();
  await expect(own.write(path, data)).resolves.toMatchObject({ data: { key_version: 1 } });
  await expect(own.read(ref.replace("/", "/keys/"))).resolves.toMatchObject({ data: { latest_version: 1 } });
  await expect(own.write("sys/policies/acl/x", { policy: 'path "a" { capabilities = ["read"] }' })).resolves.toBeUndefined();
});

test("sends the token, the namespace and what proxies of Vault ask for, and nothing of the environment", async () => {
  const headers: IncomingMessage["headers"][] = [];
  const at = await serve((request, response) => {
    headers.push(request.headers);
    response.end("{}");
  });
  vi.stubEnv("VAULT_TOKEN", "of-the-environment");
  vi.stubEnv("VAULT_NAMESPACE", "of-the-environment");
  await client({ endpoint: at, token: "t", namespace: "team/part" }).write(path, data);
  const { token: _, ...anonymous } = { token: "t", endpoint: at };
  const without = vaultClient(anonymous);
  ending.push(() => without.close());
  await without.read(path);
  vi.unstubAllEnvs();
  expect(headers[0]).toMatchObject({ "x-vault-token": "t", "x-vault-namespace": "team/part", "x-vault-request": "true" });
  expect(headers[1]).not.toHaveProperty("x-vault-token");
  expect(headers[1]).not.toHaveProperty("x-vault-namespace");
});

test("asks for the token before each request", async () => {
  const tokens = ["root", "expired", "root"];
  const own = client({ token: async () => tokens.shift() ?? "" });
  await own.write(path, data);
  await expect(own.write(path, data)).rejects.toMatchObject({ meaning: "access-denied", status: 403 });
  await own.write(path, data);
  await expect(own.write(path, data)).rejects.toMatchObject({ meaning: "access-denied", status: undefined });
});

test("keeps the path of the endpoint", async () => {
  const urls: (string | undefined)[] = [];
  const at = await serve((request, response) => {
    urls.push(request.url);
    response.end("{}");
  });
  await client({ endpoint: `${at}/gateway/vault/` }).read("transit/keys/app");
  expect(urls).toEqual(["/gateway/vault/v1/transit/keys/app"]);
});

test("follows no redirect, so that the token stays", async () => {
  admin.takeRequests();
  const at = await serve((request, response) => response.writeHead(307, { location: `${endpoint}${request.url}` }).end());
  await expect(client({ endpoint: at }).write(path, data)).rejects.toMatchObject({ meaning: "provider-error", status: 307 });
  expect(admin.takeRequests()).toEqual([]);
});

test("uses no proxy that the environment names", async () => {
  let asked = 0;
  const proxy = await serve((_, response) => {
    asked += 1;
    response.end();
  });
  for (const name of ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]) vi.stubEnv(name, proxy);
  vi.stubEnv("NO_PROXY", "");
  vi.stubEnv("NODE_USE_ENV_PROXY", "1");
  await client().write(path, data);
  vi.unstubAllEnvs();
  expect(asked).toBe(0);
});

describe("a request ends", () => {
  test("after timeoutMs, wherever it hangs", async () => {
    const silent = createTcpServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    ending.push(async () => silent.close());
    const half = await serve((_, response) => response.writeHead(200, { "content-length": "100" }).write("{"));
    const hung = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    for (const own of [
      client({ endpoint: hung, timeoutMs: 50 }),
      client({ endpoint: half, timeoutMs: 50 }),
      client({ token: () => new Promise<string>(() => undefined), timeoutMs: 50 }),
    ]) {
      await expect(own.write(path, data)).rejects.toMatchObject({ meaning: "unavailable", code: "ETIMEDOUT" });
    }
  });

  test("with the caller's reason, and its connection is given up", async () => {
    let closed = false;
    const at = await serve((request) => {
      request.socket.once("close", () => {
        closed = true;
      });
      controller.abort(reason);
    });
    const controller = new AbortController();
    const reason = new Error("enough");
    expect(await rejection(client({ endpoint: at }).write(path, data, { signal: controller.signal }))).toBe(reason);
    await vi.waitFor(() => expect(closed).toBe(true));
  });

  test("before it begins, where the signal has aborted", async () => {
    admin.takeRequests();
    const reason = new Error("enough");
    expect(await rejection(client().write(path, data, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(admin.takeRequests()).toEqual([]);
  });
});

test("takes no answer of more than a mebibyte, with or without its length", async () => {
  for (const headers of [{}, { "content-length": String(2 ** 21) }]) {
    const at = await serve((_, response) => response.writeHead(200, headers).end(Buffer.alloc(2 ** 21, 0x20)));
    const error = await rejection(client({ endpoint: at }).read("transit/keys/app"));
    expect(error).toMatchObject({ meaning: "provider-error" });
    expect(String(error)).toContain("more than 1048576 bytes");
  }
});

test.each([
  [200, "<html>", "provider-error"],
  [200, '{"data":', "provider-error"],
  [502, "<html>", "unavailable"],
  [404, "<html>", "provider-error"],
  [404, '{"errors":[]}', "kek-not-found"],
  [500, '"text"', "unavailable"],
  [400, '{"errors":"text"}', "provider-error"],
  [400, '{"errors":[7,"encryption key not found"]}', "kek-not-found"],
])("reads the answer %i %s as %s", async (status, body, meaning) => {
  const at = await serve((_, response) => response.writeHead(status).end(body));
  const error = await rejection(client({ endpoint: at }).read("transit/keys/app"));
  expect(error).toMatchObject({ meaning, status });
  expect(String(error)).not.toContain("html");
});

test("resolves to a batch in which items failed", async () => {
  const answer = { data: { batch_results: [{ error: "no" }] } };
  const at = await serve((_, response) => response.writeHead(400).end(JSON.stringify(answer)));
  await expect(client({ endpoint: at }).write(path, data)).resolves.toEqual(answer);
});

test.each([
  ["7", 7000],
  ["0", 0],
  [new Date(Date.now() - 60_000).toUTCString(), 0],
  ["soon", undefined],
  [undefined, undefined],
])("tells how long to wait: Retry-After %s is %s ms", async (header, wait) => {
  const at = await serve((_, response) => response.writeHead(429, header === undefined ? {} : { "retry-after": header }).end());
  expect(await rejection(client({ endpoint: at }).read("transit/keys/app"))).toMatchObject({ meaning: "throttled", retryAfterMs: wait });
});

test("tells how long to wait until a date", async () => {
  const date = new Date(Date.now() + 60_000).toUTCString();
  const at = await serve((_, response) => response.writeHead(503, { "retry-after": date }).end());
  const { retryAfterMs } = (await rejection(client({ endpoint: at }).read("transit/keys/app"))) as { retryAfterMs: number };
  expect(retryAfterMs).toBeGreaterThan(50_000);
  expect(retryAfterMs).toBeLessThanOrEqual(60_000);
});

describe("over TLS", async () => {
  const secure = await startVaultTransit({ tls: true });
  afterAll(() => secure.close());
  const { port } = new URL(secure.endpoint);
  let connections = 0;
  // Between client and emulator, to count what passes.
  const between = createTcpServer((socket) => {
    connections += 1;
    const to = connect(Number(port), "127.0.0.1");
    socket.pipe(to).pipe(socket);
    for (const one of [socket, to]) one.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  afterAll(() => between.close());
  const at = `https://127.0.0.1:${(between.address() as AddressInfo).port}`;
  secure.admin.createKey({ name: "app" });

  test("trusts the authorities that it is given and uses a connection again", async () => {
    const own = client({ endpoint: at, ca: secure.certificate });
    for (let index = 0; index < 20; index += 1) await own.write("transit/encrypt/app", data);
    // The second one, where the first is not quite free again.
    expect(connections).toBeLessThanOrEqual(2);
  });

  test("opens no more connections than it may", async () => {
    connections = 0;
    const own = client({ endpoint: at, ca: secure.certificate, connections: 3 });
    await Promise.all(Array.from({ length: 30 }, () => own.write("transit/encrypt/app", data)));
    expect(connections).toBe(3);
  });

  test("trusts nobody else", async () => {
    const error = await rejection(client({ endpoint: at }).write("transit/encrypt/app", data));
    expect(error).toMatchObject({ meaning: "provider-error", code: "DEPTH_ZERO_SELF_SIGNED_CERT" });
  });
});

test("ends its connections when it is closed, and takes no request afterwards", async () => {
  let open = 0;
  const at = await serve((_, response) => response.end("{}"));
  const between = createTcpServer((socket) => {
    open += 1;
    socket.once("close", () => {
      open -= 1;
    });
    const to = connect(Number(new URL(at).port), "127.0.0.1");
    socket.pipe(to).pipe(socket);
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  {
    await using own = vaultClient({ endpoint: `http://127.0.0.1:${(between.address() as AddressInfo).port}`, token: "root" });
    await own.read("transit/keys/app");
    expect(open).toBe(1);
    await own.close();
    await expect(own.read("transit/keys/app")).rejects.toMatchObject({
      meaning: "provider-error",
      code: expect.stringMatching(/UND_ERR_(CLOSED|DESTROYED)/),
    });
  }
  await vi.waitFor(() => expect(open).toBe(0));
  between.close();
});

test.each([
  "",
  "/",
  "transit//keys",
  "/transit/keys",
  "transit/keys/",
  "transit/../sys/seal",
  "transit/./keys",
  "transit/keys/..",
  "a?b",
  "a#b",
  "a%2fb",
  "a b",
  "a\r\nb",
  "ä",
  7,
])("refuses the path %j without a request", async (bad) => {
  admin.takeRequests();
  const own = client();
  await expect(own.read(bad as string)).rejects.toMatchObject({ meaning: "provider-error" });
  await expect(own.write(bad as string, data)).rejects.toMatchObject({ meaning: "provider-error" });
  expect(admin.takeRequests()).toEqual([]);
});

describe("misuse", () => {
  test.each([
    ["no options", undefined, "options must be an object"],
    ["an unknown option", { endpoint, token: "t", url: "x" }, 'unknown option "url"'],
    ["no endpoint", { token: "t" }, "endpoint must be"],
    ["no URL", { endpoint: "vault:8200", token: "t" }, "endpoint must be"],
    ["a path", { endpoint: "/vault", token: "t" }, "endpoint must be"],
    ["credentials in the URL", { endpoint: "https://a:b@vault", token: "t" }, "endpoint must be"],
    ["a query", { endpoint: "https://vault?x=1", token: "t" }, "endpoint must be"],
    ["a path that is none", { endpoint: "https://vault/a%2fb", token: "t" }, "plain segments"],
    ["another machine in clear", { endpoint: "http://vault:8200", token: "t" }, "allowHttp"],
    ["a token that is not set", { endpoint, token: undefined }, "token must be"],
    ["an empty token", { endpoint, token: "" }, "token must be"],
    ["a token with a line break", { endpoint, token: "t\n" }, "token must be"],
    ["a namespace with a line break", { endpoint, token: "t", namespace: "a\r\nb" }, "namespace must be"],
    ["a namespace that climbs", { endpoint, token: "t", namespace: "../a" }, "namespace must be"],
    ["no time", { endpoint, token: "t", timeoutMs: -1 }, "timeoutMs must be"],
    ["no connections", { endpoint, token: "t", connections: 0 }, "connections must be"],
    ["allowHttp as text", { endpoint, token: "t", allowHttp: "yes" }, "allowHttp must be"],
  ])("is a TypeError: %s", (_, options, message) => {
    const make = () => vaultClient(options as unknown as VaultClientOptions);
    expect(make).toThrow(TypeError);
    expect(make).toThrow(message);
  });

  test("is not another machine in clear that is allowed, nor this one by its names", () => {
    for (const options of [
      { endpoint: "http://vault:8200", allowHttp: true },
      { endpoint: "http://localhost:8200" },
      { endpoint: "http://[::1]:8200" },
      { endpoint: "https://vault/gateway/", namespace: "team/" },
    ]) {
      expect(() => vaultClient({ token: "t", ...options })).not.toThrow();
    }
  });
});
