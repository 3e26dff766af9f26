import { mkdirSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { letterlockIn, type Ran, sharedFolder } from "./letterlock-command.ts";

// A server that anybody could run, and a configuration that came with somebody else's files.
const folder = sharedFolder();
const tokens: (string | string[] | undefined)[] = [];
let server: Server;
let host = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    tokens.push(request.headers["x-vault-token"]);
    response.writeHead(403).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  mkdirSync(join(folder, "below"));
  const uri = `vault-transit://${host}/transit/app?tls=false`;
  writeFileSync(join(folder, "letterlock.config.json"), JSON.stringify({ keks: { prod: uri }, seal: ["prod"], open: [uri] }));
  writeFileSync(join(folder, "below/a.txt"), "hello");
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  tokens.length = 0;
});

const run = (environment: Readonly<Record<string, string>>, ...words: readonly string[]): Promise<Ran> =>
  letterlockIn(join(folder, "below"), { VAULT_TOKEN: "hvs.production", ...environment })(...words);

describe("VAULT_TOKEN", () => {
  it.each([
    ["that VAULT_ADDR does not name", { VAULT_ADDR: "https://vault.example.com:8200" }],
    ["without VAULT_ADDR", {}],
    ["where VAULT_ADDR is empty", { VAULT_ADDR: "" }],
    ["where VAULT_ADDR is no URL", { VAULT_ADDR: "nonsense" }],
    ["where VAULT_ADDR is another port of it", { VAULT_ADDR: "http://127.0.0.1:1" }],
  ])("goes to no host of a configuration that was found: %s", async (_, environment) => {
    for (const words of [
      ["encrypt", "a.txt"],
      ["encrypt", "a.txt", "--to", "prod"],
      ["doctor", "prod"],
      ["refresh", "a.txt"],
    ]) {
      const { status, stderr } = await run(environment, ...words);
      expect(stderr).toContain(`/letterlock.config.json was found, not named, so VAULT_TOKEN does not go to the http://${host} in it`);
      expect(stderr).toContain(`set VAULT_ADDR=http://${host}, or name the configuration with --config`);
      expect(status).toBe(2);
    }
    expect(tokens).toEqual([]);
  });

  it.each([
    ["VAULT_ADDR names it", () => ({ VAULT_ADDR: `HTTP://${host}/` }), () => ["--to", "prod"]],
    ["--config names the configuration", () => ({}), () => ["--config", "../letterlock.config.json"]],
    [
      "the command line has the URI",
      () => ({ VAULT_ADDR: "https://vault.example.com" }),
      () => ["--to", `vault-transit://${host}/transit/app?tls=false`],
    ],
  ])("goes where %s", async (_, environment, words) => {
    const { status } = await run(environment(), "encrypt", "a.txt", ...words());
    expect(tokens.length).toBeGreaterThan(0);
    expect(new Set(tokens)).toEqual(new Set(["hvs.production"]));
    expect(status).toBe(4);
  });
});
