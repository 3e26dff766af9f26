import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { type Kek, open, seal } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { type GcpKmsClient, gcpKms } from "../src/index.ts";
import { clientKinds, withToken } from "./support/gcp-clients.ts";
import { kekCall, rejectionOf, wrappedBy } from "./support/kek-call.ts";
import { runningGcpKms } from "./support/running-gcp-kms.ts";

const kms = runningGcpKms();
const token = `token-${randomBytes(16).toString("hex")}`;
const overRest = clientKinds.filter((kind) => kind.endsWith("REST"));

const failures: readonly (readonly [string, () => void])[] = [
  ["throttled", () => kms.service.admin.fail({ as: "throttled" })],
  ["unavailable", () => kms.service.admin.fail({ as: "unavailable" })],
  ["a connection that breaks", () => kms.service.admin.fail({ as: "reset" })],
  ["an answer of another protocol", () => kms.service.admin.fail({ as: "garbage" })],
  ["denied", () => kms.service.admin.deny({ credential: token })],
];

test.each(overRest)("an error of the SDK, with %s, holds the data key: that is why none leaves the adapter", async (kind) => {
  const client: GcpKmsClient = kms.client(kind);
  const name = kms.service.admin.createKey();
  const plaintext = randomBytes(32);
  kms.service.admin.deny({});
  const options = { timeout: 1000, retry: null, signal: new AbortController().signal, otherArgs: { options: { interceptors: [] } } };
  const sums = { plaintextCrc32c: { value: 0 }, additionalAuthenticatedData: plaintext, additionalAuthenticatedDataCrc32c: { value: 0 } };
  const error = await rejectionOf(client.encrypt({ name, plaintext, ...sums }, options));
  expect(spellingsIn(error, plaintext)).toContain("base64");
});

describe.each(clientKinds)("an error of the adapter, with a client of %s", (kind) => {
  test.each(failures)("holds no data key and no token: %s", async (_, fail) => {
    const kek = gcpKms({ client: withToken(kms.client(kind), token), keyName: kms.service.admin.createKey() });
    const dataKey = randomBytes(32);
    const recipient = await wrappedBy(kek, dataKey);
    for (const call of [() => kek.wrap(dataKey, kekCall()), () => kek.unwrap(recipient, kekCall())]) {
      fail();
      const error = await rejectionOf(call());
      expect(error).toMatchObject({ name: "CloudKmsError" });
      expect(spellingsIn(error, dataKey)).toEqual([]);
    }
  });

  test("holds nothing in core either", async () => {
    const kek = kms.kek(kind);
    let dataKey = Buffer.alloc(0);
    const watching: Kek = {
      ...kek,
      wrap(bytes, call) {
        dataKey = Buffer.from(bytes);
        return kek.wrap(bytes, call);
      },
    };
    const envelope = await seal(Buffer.from("hello"), [watching]);
    for (const run of [() => seal(Buffer.from("hello"), [watching]), () => open(envelope, [kek])]) {
      kms.service.admin.deny({});
      expect(spellingsIn(await rejectionOf(run()), dataKey)).toEqual([]);
      kms.service.admin.allowAll();
    }
  });
});

test("an answer that is cut is not quoted", async () => {
  const plaintext = randomBytes(32);
  const cut = `{"plaintext": "${plaintext.toString("base64")}`;
  const decrypt = async (): Promise<never> => JSON.parse(cut.replace("{", "")) as never;
  const keyName = kms.service.admin.createKey();
  const kek = gcpKms({ client: { encrypt: decrypt, decrypt, getCryptoKey: decrypt }, keyName });
  const recipient = { provider: kek.provider, keyRef: kek.keyRef, wrapped: randomBytes(100) };
  const error = await rejectionOf(kek.unwrap(recipient, kekCall()));
  expect(String(error)).toContain("the answer could not be read");
  expect(everything(error)).not.toContain("plaintext");
});

test("the SDK's own copy of an unwrapped key is zeroed, and nothing around it", async () => {
  const client: GcpKmsClient = kms.client();
  const pool = Buffer.alloc(100, 7);
  const decrypt: GcpKmsClient["decrypt"] = async (request, options) => {
    const [answer] = await client.decrypt(request, options);
    pool.set(answer.plaintext as Uint8Array, 10);
    return [{ ...answer, plaintext: pool.subarray(10, 42) }];
  };
  const getCryptoKey = client.getCryptoKey.bind(client);
  const kek = gcpKms({
    client: { encrypt: client.encrypt.bind(client), decrypt, getCryptoKey },
    keyName: kms.service.admin.createKey(),
  });
  const dataKey = randomBytes(32);
  expect(Buffer.from(await kek.unwrap(await wrappedBy(kek, dataKey), kekCall()))).toEqual(dataKey);
  expect(pool).toEqual(Buffer.concat([Buffer.alloc(10, 7), Buffer.alloc(32), Buffer.alloc(58, 7)]));
});

/** The spellings of the secrets that can be reached from an error, or that it prints. */
function spellingsIn(error: unknown, dataKey: Buffer): string[] {
  const text = everything(error);
  const bytes = { list: dataKey.join(","), json: dataKey.join(", ") };
  const spellings = { base64: dataKey.toString("base64"), hex: dataKey.toString("hex"), ...bytes, token };
  return Object.entries(spellings)
    .filter(([, spelling]) => text.includes(spelling))
    .map(([name]) => name);
}

/** What can be reached, getters and hidden fields included, and what is printed. */
function everything(value: unknown, seen: Set<unknown> = new Set()): string {
  if ((typeof value !== "object" && typeof value !== "function") || value === null) return `${String(value)}\n`;
  if (seen.has(value)) return "";
  seen.add(value);
  if (ArrayBuffer.isView(value)) return `${Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64")}\n`;
  const inside = Reflect.ownKeys(value).map((key) => {
    try {
      return everything(Reflect.get(value, key), seen);
    } catch {
      return "";
    }
  });
  return [String((value as Error).stack), inspect(value), ...inside].join("\n");
}
