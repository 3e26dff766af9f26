import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type KekErrorCode, kekErrorCode, LetterlockError, open, seal } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { gcpKms } from "../src/index.ts";
import { clientKinds } from "./support/gcp-clients.ts";
import { kekCall, rejectionOf, wrappedBy } from "./support/kek-call.ts";
import { runningGcpKms } from "./support/running-gcp-kms.ts";

const kms = runningGcpKms();
const key = "projects/p/locations/l/keyRings/r/cryptoKeys/k";

/** As grpc-js says it, for both versions of the SDK. */
const grpc = (code: number, details = "x", more: object = {}): unknown =>
  Object.assign(new Error(`${code}: ${details}`), { code, details, ...more });
/** As version 6 says it over REST. */
const rest6 = (code: number, message = "x", more: object = {}): unknown =>
  Object.assign(new Error(message), { code, details: [], ...more });
/** As version 5 says it over REST: the HTTP status, and the body as the message. */
const rest5 = (code: number, status: string, message = "x", details: readonly object[] = []): unknown =>
  Object.assign(new Error(JSON.stringify({ error: { code, message, status, details } })), { code, status: code });
/** An error of google-auth-library, or of the connection, as version 5 passes it on. */
const passedOn = (message: string, code?: number | string, cause?: object): unknown => Object.assign(new Error(message), { code, cause });

const statuses: readonly (readonly [name: string, code: number, http: number, meaning: KekErrorCode])[] = [
  ["CANCELLED", 1, 499, "unavailable"],
  ["UNKNOWN", 2, 500, "provider-error"],
  ["INVALID_ARGUMENT", 3, 400, "provider-error"],
  ["DEADLINE_EXCEEDED", 4, 504, "unavailable"],
  ["NOT_FOUND", 5, 404, "kek-not-found"],
  ["ALREADY_EXISTS", 6, 409, "provider-error"],
  ["PERMISSION_DENIED", 7, 403, "access-denied"],
  ["RESOURCE_EXHAUSTED", 8, 429, "throttled"],
  ["FAILED_PRECONDITION", 9, 400, "kek-unusable"],
  ["ABORTED", 10, 409, "unavailable"],
  ["OUT_OF_RANGE", 11, 400, "provider-error"],
  ["UNIMPLEMENTED", 12, 501, "provider-error"],
  ["INTERNAL", 13, 500, "unavailable"],
  ["UNAVAILABLE", 14, 503, "unavailable"],
  ["DATA_LOSS", 15, 500, "provider-error"],
  ["UNAUTHENTICATED", 16, 401, "access-denied"],
];

const texts: readonly (readonly [error: unknown, meaning: KekErrorCode])[] = [
  [grpc(3, "Decryption failed."), "not-authentic"],
  [grpc(3, "Decryption failed: the ciphertext is invalid."), "not-authentic"],
  [rest6(3, "Decryption failed: verify that 'name' refers to the correct CryptoKey."), "not-authentic"],
  [rest5(400, "INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid."), "not-authentic"],
  [grpc(3, "The checksum in field ciphertext_crc32c did not match the data in field ciphertext."), "unavailable"],
  [rest5(400, "INVALID_ARGUMENT", "The checksum in field plaintext_crc32c did not match the data in field plaintext."), "unavailable"],
  [rest6(3, "API key not valid. Please pass a valid API key.", { reason: "API_KEY_INVALID" }), "access-denied"],
  [rest5(400, "INVALID_ARGUMENT", "API key not valid.", [{ reason: "API_KEY_INVALID", domain: "googleapis.com" }]), "access-denied"],
  [rest6(3, 'Decryption failed: got {"plaintextCrc32c":"7"}'), "not-authentic"],
  [grpc(8, "Received message larger than max (5242885 vs 4194304)"), "provider-error"],
  [grpc(8, "Attempted to send message with a size larger than 4194304"), "provider-error"],
  [grpc(5, `CryptoKey ${key.replace("/k", "/private_key")} not found.`), "kek-not-found"],
  [grpc(9, `${key.replace("cryptoKeys/k", "cryptoKeys/invalid_grant")} is not enabled, current state is: DISABLED.`), "kek-unusable"],
  // Answers that are not of the API: pages of a proxy, bodies that were cut.
  [
    rest6(5, "Error response from RPC Encrypt with status 404 could not be decoded: the response body is not JSON: <html>"),
    "provider-error",
  ],
  [rest6(14, "Error response from RPC Encrypt with status 502 could not be decoded: the response body is not JSON: <html>"), "unavailable"],
  [new SyntaxError("Unexpected token '<' is not valid JSON"), "unavailable"],
  [passedOn("<html>not found</html>", 404), "provider-error"],
  [passedOn("<html>bad gateway</html>", 502), "unavailable"],
  // The connection: google-gax 6 says UNAVAILABLE.
  [passedOn("request to http://x failed, reason: read ECONNRESET", "ECONNRESET"), "unavailable"],
  [passedOn("Premature close", "ERR_STREAM_PREMATURE_CLOSE"), "unavailable"],
  [passedOn("fetch failed", undefined, { code: "UND_ERR_SOCKET" }), "unavailable"],
  [new DOMException("timed out", "TimeoutError"), "unavailable"],
  [new DOMException("aborted", "AbortError"), "unavailable"],
  // No token.
  [
    new Error("Could not load the default credentials. Browse to https://cloud.google.com/docs/authentication/getting-started"),
    "access-denied",
  ],
  [passedOn("The file at key.json does not exist, or it is not a file. ENOENT: no such file or directory", "ENOENT"), "access-denied"],
  [new Error("No access, refresh token, API key or refresh handler callback is set."), "access-denied"],
  [new Error("The incoming JSON object does not contain a client_email field"), "access-denied"],
  [new Error("Unable to impersonate: PERMISSION_DENIED: denied"), "access-denied"],
  [passedOn("Could not refresh access token: denied", 403), "access-denied"],
  [rest6(3, "invalid_grant"), "access-denied"],
  [passedOn("invalid_grant", 400), "access-denied"],
  [grpc(400, "Getting metadata from plugin failed with error: invalid_grant"), "access-denied"],
  [grpc(2, "Getting metadata from plugin failed with error: invalid_client"), "access-denied"],
  [
    grpc(
      2,
      "Getting metadata from plugin failed with error: request to https://oauth2.googleapis.com/token failed, reason: connect ECONNREFUSED 127.0.0.1:1",
    ),
    "unavailable",
  ],
  [grpc(503, "Getting metadata from plugin failed with error: Request failed with status code 503"), "unavailable"],
  [grpc(429, "Getting metadata from plugin failed with error: Request failed with status code 429"), "throttled"],
  // Nothing that is known.
  ["The client has already been closed.", "provider-error"],
  [undefined, "provider-error"],
  [null, "provider-error"],
  [7, "provider-error"],
  [{}, "provider-error"],
  [{ code: "SOMETHING" }, "provider-error"],
  [{ code: 99 }, "provider-error"],
  [new TypeError("no"), "provider-error"],
];

describe("errorCode", () => {
  const { errorCode } = gcpKms({ client: { encrypt: never, decrypt: never, getCryptoKey: never }, keyName: key });

  test.each(statuses)("calls %s over gRPC, and over REST in both versions, by one name", (name, code, http, meaning) => {
    expect([errorCode(grpc(code)), errorCode(rest6(code)), errorCode(rest5(http, name))]).toEqual([meaning, meaning, meaning]);
  });

  test.each(texts.map(([error, meaning]) => [describeError(error), meaning, error] as const))("calls %s %s", (_, meaning, error) => {
    expect(errorCode(error)).toBe(meaning);
  });

  test("has a row in the README for every status", () => {
    const readme = readFileSync(join(import.meta.dirname, "../README.md"), "utf8");
    for (const [name] of statuses) expect(readme).toMatch(new RegExp(`^\\| .*\`${name}\`.*\\|$`, "m"));
  });
});

describe("retryAfterMs", () => {
  const { retryAfterMs } = gcpKms({ client: { encrypt: never, decrypt: never, getCryptoKey: never }, keyName: key });

  test.each([
    [grpc(8, "x", { statusDetails: [{ reason: "RATE_LIMIT_EXCEEDED" }, { retryDelay: { seconds: "1", nanos: 500_000_000 } }] }), 1500],
    [rest6(8, "x", { statusDetails: [{ retryDelay: { seconds: 2, nanos: 0 } }] }), 2000],
    [rest5(429, "RESOURCE_EXHAUSTED", "x", [{ "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "0.25s" }]), 250],
    [rest5(429, "RESOURCE_EXHAUSTED", "x", [{ retryDelay: "soon" }]), undefined],
    [grpc(8, "x", { statusDetails: [{ retryDelay: { seconds: "-1" } }] }), undefined],
    [grpc(8), undefined],
    [undefined, undefined],
    ["throttled", undefined],
  ])("%#", (error, ms) => {
    expect(retryAfterMs?.(error)).toBe(ms);
  });
});

describe.each(clientKinds)("with a client of %s", (kind) => {
  const provocations: readonly (readonly [KekErrorCode, string, (keyName: string) => void])[] = [
    ["throttled", "a quota", () => kms.service.admin.fail({ as: "throttled" })],
    ["unavailable", "UNAVAILABLE", () => kms.service.admin.fail({ as: "unavailable" })],
    ["unavailable", "a connection that breaks", () => kms.service.admin.fail({ as: "reset" })],
    ["unavailable", "an answer of another protocol", () => kms.service.admin.fail({ as: "garbage" })],
    ["access-denied", "a missing permission", (keyName) => kms.service.admin.deny({ key: keyName })],
    ["kek-unusable", "a disabled version", (keyName) => kms.service.admin.disableKey(keyName)],
    ["kek-unusable", "a destroyed version", (keyName) => kms.service.admin.destroyKey(keyName)],
  ];

  test.each(provocations)("core says %s of %s, when it seals and when it opens", async (code, _, provoke) => {
    const kek = kms.kek(kind);
    const envelope = await seal(Buffer.from("hello"), [kek]);
    for (const run of [() => seal(Buffer.from("hello"), [kek]), () => open(envelope, [kek])]) {
      provoke(kek.keyRef);
      const error = await rejectionOf(run());
      expect(LetterlockError.is(error) && error.code).toBe(code);
    }
  });

  test("core says kek-not-found of a key that does not exist", async () => {
    const existing = kms.kek(kind);
    const missing = kms.kek(kind, `${existing.keyRef}-missing`);
    expect(await rejectionOf(seal(Buffer.from("hello"), [missing]))).toMatchObject({ code: "kek-not-found" });
    const recipient = await wrappedBy(existing, randomBytes(32));
    expect(kekErrorCode(missing, await rejectionOf(missing.unwrap(recipient, kekCall())))).toBe("kek-not-found");
    expect(kekErrorCode(missing, await rejectionOf(missing.currentVersion(kekCall())))).toBe("kek-not-found");
  });

  test("a ciphertext that was changed, cut or made by another key is not authentic", async () => {
    const kek = kms.kek(kind);
    const recipient = await wrappedBy(kek, randomBytes(32));
    const { wrapped } = await wrappedBy(kms.kek(kind), randomBytes(32));
    const changed = Uint8Array.from(recipient.wrapped, (byte, index) => (index === recipient.wrapped.length - 1 ? byte ^ 1 : byte));
    for (const other of [changed, recipient.wrapped.slice(0, -1), recipient.wrapped.slice(1), wrapped, randomBytes(113)]) {
      const error = await rejectionOf(kek.unwrap({ ...recipient, wrapped: other }, kekCall()));
      expect(kekErrorCode(kek, error)).toBe("not-authentic");
    }
  });

  test("tells how long the service asks to wait", async () => {
    const kek = kms.kek(kind);
    kms.service.admin.askToWait(1500);
    kms.service.admin.fail({ as: "throttled" });
    const error = await rejectionOf(kek.wrap(randomBytes(32), kekCall()));
    expect(kek.retryAfterMs?.(error)).toBe(1500);
    expect(error).toMatchObject({ name: "CloudKmsError", code: 8, reason: "RATE_LIMIT_EXCEEDED" });
  });
});

test("INVALID_ARGUMENT is about the ciphertext only where one was sent, whatever the service says of it", async () => {
  const refusing = async (): Promise<never> => {
    throw grpc(3, "another text");
  };
  const kek = gcpKms({ client: { encrypt: refusing, decrypt: refusing, getCryptoKey: refusing }, keyName: key });
  const recipient = { provider: "gcp-kms", keyRef: key, wrapped: randomBytes(113) };
  expect(kek.errorCode(await rejectionOf(kek.unwrap(recipient, kekCall())))).toBe("not-authentic");
  expect(kek.errorCode(await rejectionOf(kek.wrap(randomBytes(32), kekCall())))).toBe("provider-error");
  expect(kek.errorCode(await rejectionOf(kek.currentVersion(kekCall())))).toBe("provider-error");
});

function describeError(error: unknown): string {
  const { code, details, message } = Object(error) as { code?: unknown; details?: unknown; message?: unknown };
  return [code, typeof details === "string" ? details : (message ?? String(error))]
    .filter((part) => part !== undefined)
    .join(" ")
    .slice(0, 120);
}

async function never(): Promise<never> {
  return expect.unreachable("nothing is called");
}
