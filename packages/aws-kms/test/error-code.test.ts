import { readFileSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { KMSClient, KMSServiceException, PutKeyPolicyCommand, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { kekErrorCode, LetterlockError, open, seal } from "@letterlock/core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AwsKmsKek, awsKms, awsKmsRsa } from "../src/index.ts";
import { kekCall } from "./support/kek-call.ts";
import { codeOf, rejectionOf } from "./support/rejection.ts";
import { runningAwsKms } from "./support/running-aws-kms.ts";

const kms = runningAwsKms();
const message = new Uint8Array(5);
let keyArn: string;
let kek: AwsKmsKek;
let envelope: Uint8Array;

beforeAll(async () => {
  keyArn = await kms.admin.createKey();
  kek = awsKms({ client: kms.client(), keyArn });
  envelope = await seal(message, [kek]);
});

beforeEach(() => {
  kms.admin.clearFaults();
  kms.admin.allowAll();
});

/** As the SDK throws it. */
const serviceError = (name: string, httpStatusCode = 400): Error =>
  new KMSServiceException({ name, $fault: "client", $metadata: { httpStatusCode }, message: "x" });

describe("errorCode", () => {
  test.each([
    ["AccessDeniedException", 400, "access-denied"],
    ["AccessDenied", 400, "access-denied"],
    ["NotAuthorizedException", 400, "access-denied"],
    ["InvalidGrantTokenException", 400, "access-denied"],
    ["UnrecognizedClientException", 400, "access-denied"],
    ["InvalidClientTokenId", 403, "access-denied"],
    ["ExpiredTokenException", 400, "access-denied"],
    ["ExpiredToken", 400, "access-denied"],
    ["InvalidSignatureException", 400, "access-denied"],
    ["SignatureDoesNotMatch", 403, "access-denied"],
    ["IncompleteSignature", 400, "access-denied"],
    ["IncompleteSignatureException", 400, "access-denied"],
    ["MissingAuthenticationToken", 403, "access-denied"],
    ["MissingAuthenticationTokenException", 400, "access-denied"],
    ["RequestExpired", 400, "access-denied"],
    ["OptInRequired", 403, "access-denied"],
    ["NotFoundException", 400, "kek-not-found"],
    ["InvalidArnException", 400, "kek-not-found"],
    ["DisabledException", 400, "kek-unusable"],
    ["KMSInvalidStateException", 400, "kek-unusable"],
    ["InvalidKeyUsageException", 400, "kek-unusable"],
    ["InvalidCiphertextException", 400, "not-authentic"],
    ["IncorrectKeyException", 400, "not-authentic"],
    ["ThrottlingException", 400, "throttled"],
    ["Throttling", 400, "throttled"],
    ["ThrottledException", 400, "throttled"],
    ["RequestThrottled", 400, "throttled"],
    ["RequestThrottledException", 400, "throttled"],
    ["RequestLimitExceeded", 503, "throttled"],
    ["TooManyRequestsException", 429, "throttled"],
    ["BandwidthLimitExceeded", 509, "throttled"],
    ["SlowDown", 503, "throttled"],
    ["LimitExceededException", 400, "throttled"],
    ["KMSInternalException", 500, "unavailable"],
    ["DependencyTimeoutException", 500, "unavailable"],
    ["KeyUnavailableException", 500, "unavailable"],
    ["InternalFailure", 500, "unavailable"],
    ["InternalError", 500, "unavailable"],
    ["InternalServerError", 500, "unavailable"],
    ["InternalServerException", 500, "unavailable"],
    ["ServiceUnavailable", 503, "unavailable"],
    ["ServiceUnavailableException", 503, "unavailable"],
    ["RequestTimeout", 408, "unavailable"],
    ["RequestTimeoutException", 400, "unavailable"],
    ["ValidationException", 400, "provider-error"],
    ["SerializationException", 400, "provider-error"],
    ["UnsupportedOperationException", 400, "provider-error"],
    ["UnknownOperationException", 400, "provider-error"],
    ["DryRunOperationException", 412, "provider-error"],
    ["BrandNewException", 400, "provider-error"],
    ["BrandNewException", 401, "access-denied"],
    ["BrandNewException", 403, "access-denied"],
    ["BrandNewException", 408, "unavailable"],
    ["BrandNewException", 429, "throttled"],
    ["BrandNewException", 500, "unavailable"],
    ["BrandNewException", 502, "unavailable"],
    ["BrandNewException", 503, "unavailable"],
    ["BrandNewException", 504, "unavailable"],
    ["BrandNewException", 509, "throttled"],
  ])("%s with status %d is %s", (name, status, code) => {
    expect(kek.errorCode(serviceError(name, status))).toBe(code);
  });

  test.each(["CredentialsProviderError", "TokenProviderError", "ProviderError"])("%s is access-denied", (name) => {
    expect(kek.errorCode(Object.assign(new Error("x"), { name }))).toBe("access-denied");
  });

  test("of credentials that could not be fetched is unavailable", () => {
    const network = Object.assign(new Error("connect"), { code: "ECONNREFUSED" });
    expect(kekErrorCode(kek, Object.assign(new Error("x", { cause: network }), { name: "CredentialsProviderError" }))).toBe("unavailable");
  });

  test.each([
    [null],
    [undefined],
    ["AccessDeniedException"],
    [7],
    [new Error("x")],
    [{}],
    [[]],
    [Object.create(null)],
    [{ name: "constructor" }],
    [{ name: Symbol("x") }],
    [{ name: "x", $metadata: null }],
    [{ name: "x", $metadata: { httpStatusCode: "500" } }],
    [() => undefined],
  ])("of %o is provider-error", (thrown) => {
    expect(kek.errorCode(thrown)).toBe("provider-error");
  });

  test("is written in the README, every name of it", () => {
    const readme = readFileSync(join(import.meta.dirname, "..", "README.md"), "utf8");
    const rows = new Map(Array.from(readme.matchAll(/^\| `([a-z-]+)` \| (.+) \|$/gm), ([, code = "", names = ""]) => [code, names]));
    expect([...rows.keys()].sort()).toEqual(
      ["access-denied", "kek-not-found", "kek-unusable", "not-authentic", "provider-error", "throttled", "unavailable"].sort(),
    );
    for (const [code, names] of rows) {
      for (const [, name = ""] of names.matchAll(/`([A-Z]\w+)`/g)) {
        if (name !== "TimeoutError") expect([name, kek.errorCode(serviceError(name))]).toEqual([name, code]);
      }
    }
  });
});

describe("through the service and core", () => {
  const sealing = (): Promise<unknown> => seal(message, [kek]);
  const opening = (): Promise<unknown> => open(envelope, [kek]);

  test.each([
    ["throttled", "throttled"],
    ["unavailable", "unavailable"],
    ["reset", "unavailable"],
    ["garbage", "provider-error"],
    ["wrong-key", "provider-error"],
  ] as const)("%s is %s", async (as, code) => {
    for (const run of [sealing, opening]) {
      kms.admin.fail({ as });
      expect(await codeOf(run())).toBe(code);
      await run();
    }
  });

  test("no answer within the SDK's own time limit is unavailable", async () => {
    const requestHandler = { requestTimeout: 50, throwOnRequestTimeout: true };
    const impatient = awsKms({ client: kms.client({ requestHandler }), keyArn });
    kms.admin.fail({ as: "timeout", times: 2 });
    expect(await codeOf(seal(message, [impatient]))).toBe("unavailable");
    expect(await codeOf(open(envelope, [impatient]))).toBe("unavailable");
  });

  test("an abort ends the request and is the caller's own reason", async () => {
    for (const run of [
      (signal: AbortSignal) => seal(message, [kek], { signal }),
      (signal: AbortSignal) => open(envelope, [kek], { signal }),
    ]) {
      const controller = new AbortController();
      const reason = new Error("enough");
      kms.admin.takeRequests();
      kms.admin.fail({ as: "timeout" });
      const running = rejectionOf(run(controller.signal));
      await expect.poll(() => kms.admin.takeRequests().length).toBe(1);
      controller.abort(reason);
      expect(await running).toBe(reason);
    }
  });

  test("the request itself ends when the call is aborted", async () => {
    kms.admin.fail({ as: "timeout" });
    const controller = new AbortController();
    const running = rejectionOf(
      kek.unwrap({ provider: "aws-kms", keyRef: keyArn, wrapped: new Uint8Array(100) }, kekCall({ signal: controller.signal })),
    );
    await expect.poll(() => kms.admin.takeRequests().some(({ fault }) => fault === "timeout")).toBe(true);
    controller.abort();
    expect(await running).toMatchObject({ name: "AbortError" });
  });

  test("nobody there is unavailable", async () => {
    const client = kms.client({ endpoint: "http://127.0.0.1:1" });
    expect(await codeOf(seal(message, [awsKms({ client, keyArn })]))).toBe("unavailable");
  });

  test("no permission is access-denied", async () => {
    kms.admin.deny({ credential: "mallory" });
    const stranger = awsKms({ client: kms.client({ accessKeyId: "mallory" }), keyArn });
    expect(await codeOf(seal(message, [stranger]))).toBe("access-denied");
    expect(await codeOf(open(envelope, [stranger]))).toBe("access-denied");
    await opening();
  });

  test("no credentials are access-denied, before any request", async () => {
    const credentials = async () => {
      throw Object.assign(new Error("Could not load credentials from any providers"), { name: "CredentialsProviderError" });
    };
    const client = new KMSClient({ endpoint: kms.aws.endpoint, region: "us-east-1", credentials, maxAttempts: 1 });
    kms.admin.takeRequests();
    expect(await codeOf(open(envelope, [awsKms({ client, keyArn })]))).toBe("access-denied");
    expect(kms.admin.takeRequests()).toEqual([]);
  });

  test("a key that does not exist is kek-not-found, and so is one of another region", async () => {
    const missing = awsKms({ client: kms.client(), keyArn: keyArn.replace(/[^/]+$/, "00000000-0000-0000-0000-000000000000") });
    expect(await codeOf(seal(message, [missing]))).toBe("kek-not-found");
    const elsewhere = awsKms({ client: kms.client({ region: "eu-west-1" }), keyArn });
    expect(await codeOf(open(envelope, [elsewhere]))).toBe("kek-not-found");
  });

  test("a disabled key is kek-unusable until it is enabled", async () => {
    kms.admin.disableKey(keyArn);
    expect(await codeOf(sealing())).toBe("kek-unusable");
    expect(await codeOf(opening())).toBe("kek-unusable");
    kms.admin.enableKey(keyArn);
    await opening();
  });

  test("a key that will be deleted is kek-unusable, one that was is kek-not-found", async () => {
    const doomed = await kms.admin.createKey();
    const client = kms.client();
    const last = await seal(message, [awsKms({ client, keyArn: doomed })]);
    await client.send(new ScheduleKeyDeletionCommand({ KeyId: doomed, PendingWindowInDays: 7 }));
    expect(await codeOf(open(last, [awsKms({ client, keyArn: doomed })]))).toBe("kek-unusable");
    kms.admin.deleteKey(doomed);
    expect(await codeOf(open(last, [awsKms({ client, keyArn: doomed })]))).toBe("kek-not-found");
  });

  test("a key of another kind is kek-unusable", async () => {
    const client = kms.client();
    expect(await codeOf(seal(message, [awsKmsRsa({ client, keyArn })]))).toBe("kek-unusable");
    const rsa = await kms.admin.createKey({ spec: "RSA_2048" });
    expect(await codeOf(seal(message, [awsKms({ client, keyArn: rsa })]))).toBe("kek-unusable");
  });

  test("changed bytes are not-authentic", async () => {
    const { wrapped } = await kek.wrap(new Uint8Array(32).fill(1), kekCall());
    for (const at of [0, 20, 60, wrapped.length - 1]) {
      const changed = Uint8Array.from(wrapped);
      changed[at] = (changed[at] ?? 0) ^ 0x10;
      const error = await rejectionOf(kek.unwrap({ provider: "aws-kms", keyRef: keyArn, wrapped: changed }, kekCall()));
      expect(kek.errorCode(error)).toBe("not-authentic");
    }
  });

  test("an unknown grant token is access-denied", async () => {
    const tokens = awsKms({ client: kms.client(), keyArn, grantTokens: ["no-such-token"] });
    expect(await codeOf(open(envelope, [tokens]))).toBe("access-denied");
  });

  test("a policy that denies is access-denied", async () => {
    const guarded = await kms.admin.createKey();
    const client = kms.client();
    const Policy = JSON.stringify({
      Statement: [
        { Effect: "Allow", Principal: "*", Action: "kms:*", Resource: "*" },
        { Effect: "Deny", Principal: { AWS: "arn:aws:iam::111122223333:user/alice" }, Action: "kms:GenerateDataKey", Resource: "*" },
      ],
    });
    await client.send(new PutKeyPolicyCommand({ KeyId: guarded, Policy }));
    expect(await codeOf(seal(message, [awsKms({ client, keyArn: guarded })]))).toBe("access-denied");
    await seal(message, [awsKms({ client: kms.client({ accessKeyId: "bob" }), keyArn: guarded })]);
  });
});

describe("an error of the KEK", () => {
  const dataKey = new Uint8Array(32).fill(0xab);
  const secrets = [Buffer.from(dataKey).toString("base64").slice(0, 40), "171, 171, 171", "ab ab ab", "abababab"];

  test.each(["throttled", "unavailable", "reset", "garbage", "wrong-key"] as const)("holds no data key after %s", async (as) => {
    const recipient = { provider: "aws-kms", keyRef: keyArn, wrapped: (await kek.wrap(dataKey, kekCall())).wrapped };
    for (const run of [() => kek.wrap(dataKey, kekCall()), () => kek.unwrap(recipient, kekCall())]) {
      kms.admin.fail({ as });
      const error = await rejectionOf(run());
      const everything = inspect(error, { showHidden: true, depth: 20, maxArrayLength: null, maxStringLength: null, customInspect: false });
      for (const secret of secrets) expect(everything.includes(secret)).toBe(false);
    }
  });

  test("is the cause of an error of core, out of sight", async () => {
    kms.admin.fail({ as: "throttled" });
    const error = await rejectionOf(open(envelope, [kek]));
    if (!LetterlockError.is(error)) throw new TypeError("not ours");
    expect(error.retryable).toBe(true);
    expect(error.attempts.map(({ cause }) => (cause as Error).name)).toEqual(["ThrottlingException"]);
    expect(inspect(error)).not.toContain("ThrottlingException");
  });
});
