import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type AzureKeyVaultEmulator, startAzureKeyVault } from "../../src/index.ts";
import { keyClient } from "./key-client.ts";

let vault: AzureKeyVaultEmulator;
const dataKey = randomBytes(32);

beforeAll(async () => {
  vault = await startAzureKeyVault();
  await vault.admin.createKey({ name: "orders" });
});
afterEach(() => vault.admin.clearFaults());
afterAll(() => vault.close());

const cryptography = () => keyClient(vault).getCryptographyClient("orders");
const wrap = (options = {}) => cryptography().wrapKey("RSA-OAEP-256", dataKey, options);

describe("a fault", () => {
  test("throttled: 429 with Retry-After", async () => {
    vault.admin.fail({ operation: "wrapKey", as: "throttled" });
    const error = await wrap().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ statusCode: 429, code: "Throttled" });
    expect((error as { response: { headers: Headers } }).response.headers.get("retry-after")).toBe("1");
    await wrap();
  });

  test("unavailable: 503", async () => {
    vault.admin.fail({ operation: "WRAPKEY", as: "unavailable", times: 2 });
    for (let times = 0; times < 2; times += 1) await expect(wrap()).rejects.toMatchObject({ statusCode: 503 });
    await wrap();
  });

  test("reset: the connection breaks, with TLS and without", async () => {
    vault.admin.fail({ operation: "wrapKey", as: "reset" });
    await expect(wrap()).rejects.toMatchObject({ code: "ECONNRESET" });
    const plain = await startAzureKeyVault({ tls: false });
    plain.admin.fail({ as: "reset" });
    await expect(fetch(`${plain.endpoint}/keys`)).rejects.toMatchObject({ cause: { code: "ECONNRESET" } });
    await plain.close();
  });

  test("timeout: no answer, until the emulator is closed", async () => {
    vault.admin.fail({ operation: "wrapKey", as: "timeout" });
    await expect(wrap({ requestOptions: { timeout: 100 } })).rejects.toMatchObject({ name: "AbortError" });
    const other = await startAzureKeyVault({ tls: false });
    other.admin.fail({ as: "timeout" });
    const hanging = fetch(`${other.endpoint}/keys`).catch((reason: unknown) => reason);
    await expect.poll(() => other.admin.takeRequests()).toHaveLength(1);
    await other.close();
    expect(await hanging).toBeInstanceOf(TypeError);
  });

  test("garbage: no JSON", async () => {
    vault.admin.fail({ operation: "wrapKey", as: "garbage" });
    expect((await wrap()).result).toBeUndefined();
  });

  test("wrong-key: the name of another key", async () => {
    vault.admin.fail({ operation: "wrapKey", as: "wrong-key" });
    const kids: unknown[] = [];
    await wrap({ onResponse: ({ parsedBody }: { parsedBody?: { kid?: unknown } }) => kids.push(parsedBody?.kid) });
    expect(kids.at(-1)).toMatch(/\/keys\/another-key\/[0-9a-f]{32}$/);
    vault.admin.fail({ operation: "get", as: "wrong-key" });
    expect((await keyClient(vault).getKey("orders")).name).toBe("another-key");
  });

  test("wrong-length: one byte less", async () => {
    vault.admin.fail({ operation: "wrapKey", as: "wrong-length" });
    expect((await wrap()).result).toHaveLength(255);
  });

  test("slow: the right answer, late", async () => {
    vault.admin.fail({ operation: "wrapKey", as: "slow", afterMs: 150 });
    const start = performance.now();
    expect((await wrap()).result).toHaveLength(256);
    expect(performance.now() - start).toBeGreaterThan(149);
  });

  test("is in the request log, and of an operation that there is", async () => {
    vault.admin.takeRequests();
    vault.admin.fail({ operation: "challenge", as: "unavailable" });
    await expect(wrap()).rejects.toMatchObject({ statusCode: 503 });
    expect(vault.admin.takeRequests()).toEqual([expect.objectContaining({ operation: "challenge", fault: "unavailable" })]);
    expect(() => vault.admin.fail({ operation: "Decrypto", as: "slow" })).toThrow(RangeError);
  });
});

test("it listens on this machine only, unless it is told otherwise", async () => {
  await expect(startAzureKeyVault({ host: "0.0.0.0" })).rejects.toThrow(RangeError);
  const named = await startAzureKeyVault({ host: "localhost" });
  await expect(keyClient(named).getKey("x")).rejects.toMatchObject({ statusCode: 404 });
  await named.close();
});

test("two of them can be trusted with one file", async () => {
  const both = [await startAzureKeyVault(), await startAzureKeyVault()];
  const ca = both.map(({ certificate }) => certificate).join("");
  for (const one of both) {
    await expect(keyClient(one, "anybody", { tlsOptions: { ca } }).getKey("x")).rejects.toMatchObject({ statusCode: 404 });
    await one.close();
  }
});
