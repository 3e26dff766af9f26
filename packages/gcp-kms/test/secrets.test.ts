import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { type Kek, kekErrorCode, open, seal } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { type GcpKmsClient, gcpKms } from "../src/index.ts";
import { type EchoingGateway, echoingGateway } from "./support/echoing-gateway.ts";
import { type ClientKind, clientKinds, gcpClient, withToken } from "./support/gcp-clients.ts";
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
  const plaintext = randomBytes(32);
  kms.service.admin.deny({});
  const error = await rejectionOf(encryptedBySdk(kms.client(kind), kms.service.admin.createKey(), plaintext));
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

/** How somebody quotes what was sent. */
const spellings: readonly (readonly [string, (text: string) => string])[] = [
  ["as it was", (text) => text],
  ["with escaped slashes", (text) => text.replaceAll("/", "\\/")],
  ["with escapes of JSON", (text) => text.replaceAll("+", "\\u002b").replaceAll("/", "\\u002f")],
  ["as a part of a URL", encodeURIComponent],
  ["as HTML", (text) => text.replaceAll("+", "&#43;").replaceAll("/", "&#x2F;").replaceAll("=", "&equals;")],
  ["as hex", (text) => Buffer.from(text, "base64").toString("hex")],
  ["as numbers", (text) => Buffer.from(text, "base64").join(", ")],
];
const ofGoogle = (message: string): string => JSON.stringify({ error: { code: 400, status: "INVALID_ARGUMENT", message } });

const keyName = "projects/p/locations/europe-west1/keyRings/ring/cryptoKeys/orders";
const recipient = { provider: "gcp-kms", keyRef: keyName, wrapped: randomBytes(113) };

/** A KEK whose client talks to a gateway that answers so. */
async function behindGateway(kind: ClientKind, status: number, quoting: EchoingGateway["answer"]["quoting"]) {
  const disposed = new AsyncDisposableStack();
  const gateway = disposed.use(await echoingGateway(kind.endsWith("gRPC") ? "gRPC" : "REST"));
  gateway.answer = { status, quoting };
  const clientOptions = { ...kms.service.clientOptions, port: gateway.port };
  const client = gcpClient({ clientOptions, restEndpoint: `http://127.0.0.1:${gateway.port}` }, kind);
  disposed.defer(() => client.close());
  return { client, gateway, kek: gcpKms({ client, keyName }), [Symbol.asyncDispose]: () => disposed.disposeAsync() };
}

describe.each(clientKinds)("where the request is quoted, with a client of %s", (kind) => {
  const overGrpc = kind.endsWith("gRPC");
  const quoting = (status: number, quote: EchoingGateway["answer"]["quoting"]) => behindGateway(kind, status, quote);

  test("the error of the SDK holds the data key", async () => {
    await using quoted = await quoting(400, (key) => (overGrpc ? key : ofGoogle(key)));
    const plaintext = randomBytes(32);
    expect(spellingsIn(await rejectionOf(encryptedBySdk(quoted.client, keyName, plaintext)), plaintext)).toContain("base64");
  });

  test.each(spellings)("the error of the adapter does not: %s", async (_, spell) => {
    // Of many slashes and pluses, as some keys are.
    const dataKey = Buffer.from(`${"+/a/".repeat(10)}+/8=`, "base64");
    for (const [status, form] of [
      [400, (text) => ofGoogle(`Invalid value at 'plaintext' (TYPE_BYTES), Base64 decoding failed for "${text}"`)],
      [403, (text) => JSON.stringify({ message: `blocked: ${text}` })],
      [400, (text) => `bad request ${text}`],
    ] as const satisfies readonly (readonly [number, (text: string) => string])[]) {
      await using quoted = await quoting(status, (key) => (overGrpc ? `bad request "${spell(key)}"` : form(spell(key))));
      const error = await rejectionOf(quoted.kek.wrap(dataKey, kekCall()));
      expect(quoted.gateway.quoted).toEqual([dataKey.toString("base64")]);
      expect(error).toMatchObject({ name: "CloudKmsError" });
      const text = everything(error);
      const secret = spell(dataKey.toString("base64"));
      for (let at = 0; at + 20 <= secret.length; at += 1) expect(text).not.toContain(secret.slice(at, at + 20));
      expect(spellingsIn(error, dataKey)).toEqual([]);
    }
  });

  test("the error of the adapter keeps the name of the key", async () => {
    const said = `Permission 'cloudkms.cryptoKeyVersions.useToEncrypt' denied on resource '${keyName}/cryptoKeyVersions/12345' (or it may not exist).`;
    await using quoted = await quoting(400, () => (overGrpc ? said : ofGoogle(said)));
    expect(String(await rejectionOf(quoted.kek.wrap(randomBytes(32), kekCall())))).toContain(said);
  });

  test("the error of the adapter holds no checksum of the data key", async () => {
    await using quoted = await quoting(400, (_, request) => (overGrpc ? '{"plaintextCrc32c":"739270970"}' : ofGoogle(request)));
    expect(String(await rejectionOf(quoted.kek.wrap(randomBytes(32), kekCall())))).toMatch(/Crc32c\W+\.\.\./);
    expect(String(await rejectionOf(quoted.kek.wrap(randomBytes(32), kekCall())))).not.toMatch(/\d{6}/);
  });

  test("a refusal that quotes the request, the names of its checksums too, is not damage in transit", async () => {
    await using quoted = await quoting(400, (_, request) =>
      overGrpc ? `Decryption failed: {"ciphertextCrc32c": 7}` : ofGoogle(`no: ${request}`),
    );
    expect(kekErrorCode(quoted.kek, await rejectionOf(quoted.kek.unwrap(recipient, kekCall())))).toBe("not-authentic");
  });
});

describe.each(overRest)("with a client of %s", (kind) => {
  test("an answer in other words than Google's says nothing about the key", async () => {
    for (const [status, code] of [
      [400, "provider-error"],
      [404, "provider-error"],
      [405, "provider-error"],
      [422, "provider-error"],
      [401, "access-denied"],
      [403, "access-denied"],
      [408, "unavailable"],
      [429, "throttled"],
      [502, "unavailable"],
      [503, "unavailable"],
    ] as const) {
      for (const body of [
        `{"message":"no Route matched"}`,
        `{"code":${status},"message":"no"}`,
        `{"error":"no"}`,
        "{}",
        "no",
        "",
        "<html>",
      ]) {
        await using quoted = await behindGateway(kind, status, () => body);
        const errors = [
          await rejectionOf(quoted.kek.unwrap(recipient, kekCall())),
          await rejectionOf(quoted.kek.currentVersion(kekCall())),
        ];
        expect([status, body, ...errors.map((error) => kekErrorCode(quoted.kek, error))]).toEqual([status, body, code, code]);
      }
      await using quoted = await behindGateway(kind, status, (_, request) => JSON.stringify({ blocked: request }));
      expect(kekErrorCode(quoted.kek, await rejectionOf(quoted.kek.unwrap(recipient, kekCall())))).toBe(code);
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

function encryptedBySdk(client: GcpKmsClient, name: string, plaintext: Buffer): Promise<unknown> {
  const options = { timeout: 1000, retry: null, signal: new AbortController().signal, otherArgs: { options: { interceptors: [] } } };
  const sums = { plaintextCrc32c: { value: 0 }, additionalAuthenticatedData: plaintext, additionalAuthenticatedDataCrc32c: { value: 0 } };
  return client.encrypt({ name, plaintext, ...sums }, options);
}

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
