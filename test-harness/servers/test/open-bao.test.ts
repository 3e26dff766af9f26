import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { requireServer } from "../src/available-servers.ts";
import { baoProgram, type OpenBao, startOpenBao } from "../src/open-bao.ts";
import { startServer } from "../src/running-server.ts";
import { expectToLeaveNothing } from "./stopped.ts";

describe.skipIf(!requireServer("openbao"))("OpenBao in dev mode", { timeout: 60_000 }, () => {
  let bao: OpenBao;
  beforeAll(async () => {
    bao = await startOpenBao();
  }, 120_000);
  afterAll(() => bao.close(), 60_000);

  test("is unsealed and encrypts under a key of its transit engine", async () => {
    expect((await bao.request({ path: "transit/keys/app" })).status).toBe(200);
    const plaintext = Buffer.from("a secret").toString("base64");
    const encrypted = await bao.request({ path: "transit/encrypt/app", body: { plaintext } });
    expect(encrypted.status).toBe(200);
    const ciphertext = encrypted.body.data?.ciphertext;
    expect(ciphertext).toMatch(/^vault:v1:/);
    const opened = await bao.request({ path: "transit/decrypt/app", body: { ciphertext } });
    expect(opened.body.data?.plaintext).toBe(plaintext);
  });

  test("refuses a request without its token, and one with another", async () => {
    for (const token of ["", "another"]) {
      expect((await bao.request({ method: "GET", path: "transit/keys/app", token })).status).toBe(403);
    }
  });

  test("runs beside another one", async () => {
    await using other = await startOpenBao();
    expect(other.endpoint).not.toBe(bao.endpoint);
    expect((await other.request({ method: "GET", path: "transit/keys/app", token: bao.rootToken })).status).toBe(403);
    await expectToLeaveNothing(other);
  });

  test("that cannot start says why, without its token", async () => {
    const launch = {
      name: "openbao" as const,
      command: () => ({ program: baoProgram(), args: ["server", "-dev", "-dev-root-token-id=secret", "-no-such-flag"], env: {} }),
      listens: /never/,
      healthPath: "/v1/sys/health",
      healthStatus: 200,
    };
    await expect(startServer(launch)).rejects.toThrow(/^OpenBao 2\.7\.2 ended before it was healthy; its log ends with:\n.*-no-such-flag/s);
  });

  test("keeps its log", () => {
    expect(readFileSync(bao.logFile, "utf8")).toContain("OpenBao server started!");
  });
});
