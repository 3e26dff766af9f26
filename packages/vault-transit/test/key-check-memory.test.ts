import { startVaultTransit } from "@letterlock/emulators";
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { checkVaultKey, type VaultClient, vaultClient, vaultTransit } from "../src/index.ts";
import { callFor, newDataKey, rejection } from "./support/call.ts";
import { answeringClient } from "./support/recording-client.ts";

const vault = await startVaultTransit();
const { admin } = vault;
const root = vaultClient({ endpoint: vault.endpoint, token: vault.rootToken });
afterAll(async () => {
  await root.close();
  await vault.close();
});
beforeEach(() => void admin.takeRequests());
afterEach(() => {
  vi.restoreAllMocks();
  admin.allowAll();
});

const call = callFor();
const operations = () => admin.takeRequests().map(({ operation }) => operation);
const refusal = (statusCode: number, body: unknown) => Object.assign(new Error(), { response: { statusCode, body } });
const missing = () => `missing-${crypto.randomUUID()}`;

/** And stops it there. */
function passTime(ms: number): void {
  const later = performance.now() + ms;
  vi.spyOn(performance, "now").mockImplementation(() => later);
}

/** The emulator behind something that answers `times` requests by itself. */
function behindGateway(times: number, statusCode: number, body: unknown): VaultClient {
  let left = times;
  const pass = <T>(send: () => Promise<T>): Promise<T> => {
    left -= 1;
    return left >= 0 ? Promise.reject(refusal(statusCode, body)) : send();
  };
  return {
    read: (path, options) => pass(() => root.read(path, options)),
    write: (path, data, options) => pass(() => root.write(path, data, options)),
  };
}

describe("what a gateway says is no answer of the policy, and is not remembered", () => {
  test.each([
    [403, "<html>forbidden</html>"],
    [403, undefined],
    [403, {}],
    [403, { message: "Forbidden" }],
    [403, { errors: [] }],
    [403, { errors: "1 error occurred:\n\t* permission denied\n\n" }],
    [403, { errors: [{ message: "permission denied" }] }],
    [403, { errors: ["permission denied"] }],
    [403, { errors: ["forbidden"] }],
    [401, "<html>log in</html>"],
    [404, "<html>not here</html>"],
    [400, "<html>bad request</html>"],
  ])("%i %j", async (status, body) => {
    const keyName = missing();
    const typo = vaultTransit({ client: behindGateway(1, status, body), keyName });
    await rejection(typo.wrap(newDataKey(), call));
    expect(operations()).toEqual([]);
    expect(typo.errorCode(await rejection(typo.wrap(newDataKey(), call)))).toBe("kek-not-found");
    await expect(root.read(`transit/keys/${keyName}`)).rejects.toMatchObject({ meaning: "kek-not-found" });

    const plain = admin.createKey().slice("transit/".length);
    const unbound = vaultTransit({ client: behindGateway(1, status, body), keyName: plain, derived: true });
    await rejection(unbound.wrap(newDataKey(), call));
    expect(unbound.errorCode(await rejection(unbound.wrap(newDataKey(), call)))).toBe("kek-unusable");
    expect(operations()).not.toContain("encrypt");
  });

  test.each([
    [403, "<html>forbidden</html>"],
    [403, {}],
    [403, { errors: ["permission denied"] }],
    [400, "<html>bad request</html>"],
    [404, "<html>not here</html>"],
  ])("nor where it answers the probe: %i %j", async (status, body) => {
    const client = answeringClient((_, data) => {
      throw data === undefined ? refusal(403, { errors: ["1 error occurred:\n\t* permission denied\n\n"] }) : refusal(status, body);
    });
    await expect(checkVaultKey({ client, keyName: "app" })).rejects.toMatchObject({ status });
  });

  test("nor where it opens what no key can", async () => {
    const client = answeringClient((_, data) => {
      if (data !== undefined) return { data: { plaintext: "" } };
      throw refusal(403, { errors: ["1 error occurred:\n\t* permission denied\n\n"] });
    });
    await expect(checkVaultKey({ client, keyName: "app" })).rejects.toMatchObject({ meaning: "provider-error" });
  });
});

test("a policy that says no beside other things says no", async () => {
  const client = answeringClient(() => {
    throw refusal(403, {
      errors: ['2 errors occurred:\n\t* policy "root/night" evaluation resulted in denial\n\t* permission denied\n\n'],
    });
  });
  expect(await checkVaultKey({ client, keyName: "app" })).toMatchObject({ known: "unknown" });
});

test("that nothing may be learned is believed for a minute, and looked at again", async () => {
  const keyName = missing();
  const kek = vaultTransit({ client: root, keyName, derived: true });
  passTime(0);
  admin.deny({ operation: "keys/read" });
  admin.deny({ operation: "decrypt" });
  admin.deny({ operation: "encrypt" });
  const denied = async () => expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), call)))).toBe("access-denied");
  await denied();
  expect(operations()).toEqual(["keys/read", "decrypt", "encrypt"]);
  passTime(59_999);
  await denied();
  expect(operations()).toEqual(["encrypt"]);
  passTime(1);
  await Promise.all([denied(), denied(), denied()]);
  expect(operations()).toEqual(["keys/read", "decrypt", "encrypt", "encrypt", "encrypt"]);
  passTime(60_000);
  admin.allowAll();
  expect(kek.errorCode(await rejection(kek.wrap(newDataKey(), call)))).toBe("kek-not-found");
  expect(operations()).toEqual(["keys/read"]);
});

test("what was learned is believed for as long as the KEK lives", async () => {
  const ref = admin.createKey();
  const reading = vaultTransit({ client: root, keyName: ref.slice("transit/".length) });
  await reading.wrap(newDataKey(), call);
  admin.deny({ operation: "keys/read" });
  const probing = vaultTransit({ client: root, keyName: ref.slice("transit/".length) });
  await probing.wrap(newDataKey(), call);
  expect(operations()).toEqual(["keys/read", "encrypt", "keys/read", "decrypt", "encrypt"]);
  passTime(1e12);
  await reading.wrap(newDataKey(), call);
  await probing.wrap(newDataKey(), call);
  expect(operations()).toEqual(["encrypt", "encrypt"]);
});
