import { execFile } from "node:child_process";
import { promisify, inspect as show } from "node:util";
import { describe, expect, test, vi } from "vitest";
import {
  type Attempt,
  createDataKey,
  createIntermediateKek,
  createKeyCache,
  intermediateKek,
  LetterlockError,
  localKek,
  open,
  passphraseKek,
  refresh,
  rewrap,
  seal,
} from "../src/index.ts";
import { type CountingKek, countingKek } from "./support/counting-kek.ts";
import { rejectionOf } from "./support/rejection.ts";

// Rule 7: what an SDK error holds never leaves through ours, and an error is recognised across installations.

const token = "hvs.SECRET-TOKEN";
const secretKey = Buffer.from("SECRET-DATA-KEY-0123456789abcdef");
const request = { headers: { authorization: `Bearer ${token}` }, body: secretKey.toString("base64"), raw: secretKey };
const sdkError = Object.assign(new Error(`403 for token ${token} and key ${secretKey.toString("base64")}`, { cause: request }), {
  request,
});
const message = new Uint8Array(5);
const failing = (keyRef: string): CountingKek =>
  countingKek({
    keyRef,
    wrap: () => Promise.reject(sdkError),
    unwrap: () => Promise.reject(sdkError),
    rewrap: () => Promise.reject(sdkError),
    generate: () => Promise.reject(sdkError),
  });

function leaks(text: string): boolean {
  return text.includes("SECRET") || text.includes(secretKey.toString("base64")) || text.includes(secretKey.toString("hex").slice(0, 16));
}
function texts(error: LetterlockError): Record<string, string> {
  const all = { showHidden: true, depth: null };
  return {
    message: error.message,
    stack: String(error.stack),
    string: String(error),
    json: JSON.stringify({ error, attempts: error.attempts }),
    inspect: show(error),
    "inspect, hidden members": show(error, all),
    "inspect without custom functions, as node prints an uncaught error": show(error, { ...all, customInspect: false }),
    "inspect as the cause of another": show(new Error("outer", { cause: error }), all),
    "inspect of the attempts": show(error.attempts),
    "inspect of the attempts, hidden members": show(error.attempts, all),
    "a spread": show({ ...error, attempts: error.attempts.map((attempt) => ({ ...attempt })) }, all),
    "a structured clone": show(structuredClone({ error, attempts: error.attempts }), { ...all, customInspect: false }),
  };
}

async function letterlockErrors(): Promise<Record<string, LetterlockError>> {
  const good = countingKek({ keyRef: "a" });
  const envelope = await seal(message, [good]);
  const { keyId, blob } = await createIntermediateKek([good]);
  const through = intermediateKek({ keyId, blob: () => Promise.reject(sdkError), keks: [], maxAgeMs: 1 });
  const runs: Record<string, Promise<unknown>> = {
    seal: seal(message, [failing("a")]),
    "open with two": open(envelope, [failing("a"), failing("a")]),
    refresh: refresh(envelope, [failing("a")]),
    rewrap: rewrap(envelope, { from: [good], to: [failing("b")] }),
    intermediate: seal(message, [intermediateKek({ keyId, blob, keks: [failing("a")], maxAgeMs: 1 })]),
    "a blob that cannot be fetched": seal(message, [through]),
  };
  const errors: Record<string, LetterlockError> = {};
  for (const [name, run] of Object.entries(runs)) errors[name] = (await rejectionOf(run)) as LetterlockError;
  return errors;
}

describe("a LetterlockError", () => {
  test("keeps the SDK error as its cause, for those who ask", async () => {
    const errors = await letterlockErrors();
    expect(errors.seal?.cause).toBe(sdkError);
    expect(errors["open with two"]?.attempts.map(({ cause }) => cause)).toEqual([sdkError, sdkError]);
  });

  test("shows no token and no key, whichever way it is printed", async () => {
    for (const [name, error] of Object.entries(await letterlockErrors())) {
      expect(LetterlockError.is(error), name).toBe(true);
      for (const [way, text] of Object.entries(texts(error))) expect(leaks(text), `${name}: ${way}`).toBe(false);
    }
  });

  test("shows none in the attempts that are reported", async () => {
    const attempts: Attempt[] = [];
    const envelope = await seal(message, [countingKek({ keyRef: "a" })]);
    await open(envelope, [failing("a"), countingKek({ keyRef: "a" })], { onFailedAttempt: (attempt) => attempts.push(attempt) });
    expect(attempts).toHaveLength(1);
    expect(leaks(show(attempts, { showHidden: true, depth: null }))).toBe(false);
    expect(leaks(JSON.stringify(attempts))).toBe(false);
  });

  test("shows none when nobody catches it", async () => {
    const script = `import { LetterlockError } from ${JSON.stringify(new URL("../src/error.ts", import.meta.url).href)};
      throw new LetterlockError("provider-error", "failed", { cause: new Error(process.env.TOKEN) });`;
    const flags = ["--experimental-strip-types", "--disable-warning=ExperimentalWarning", "--input-type=module", "--eval", script];
    const result = (await rejectionOf(promisify(execFile)(process.execPath, flags, { env: { ...process.env, TOKEN: token } }))) as {
      stderr: string;
    };
    expect(result.stderr).toMatch("LetterlockError: failed");
    expect(leaks(result.stderr)).toBe(false);
  });

  test("does not enumerate its cause, nor do its attempts", async () => {
    const { seal: error } = await letterlockErrors();
    expect(Object.keys(error ?? {})).not.toContain("cause");
    expect(Object.keys(error?.attempts[0] ?? {})).toEqual(["provider", "keyRef", "code"]);
    expect("cause" in new LetterlockError("malformed", "no cause")).toBe(false);
  });

  test("is recognised across installations, and nothing else is", async () => {
    vi.resetModules();
    const other = await import("../src/index.ts");
    expect(other.LetterlockError).not.toBe(LetterlockError);
    const theirs = new other.LetterlockError("throttled", "from the other one");
    expect(theirs instanceof LetterlockError).toBe(false);
    expect([LetterlockError.is(theirs), other.LetterlockError.is(new LetterlockError("malformed", "ours"))]).toEqual([true, true]);
    for (const value of [new Error("no"), null, undefined, "malformed", { code: "malformed" }, structuredClone(theirs)])
      expect(LetterlockError.is(value)).toBe(false);
    const kek = other.localKek({ name: "n", secret: new Uint8Array(32) });
    const sealed = await seal(message, [kek]);
    const wrong = other.localKek({ name: "n", secret: new Uint8Array(32).fill(1) });
    expect(await rejectionOf(open(sealed, [wrong]))).toMatchObject({ code: "not-authentic" });
  });

  test("says what can be retried", () => {
    const codes = ["throttled", "unavailable", "access-denied", "malformed", "not-authentic", "provider-error"] as const;
    expect(codes.filter((code) => new LetterlockError(code, "x").retryable)).toEqual(["throttled", "unavailable"]);
    expect(JSON.parse(JSON.stringify(new LetterlockError("throttled", "x", { provider: "p", keyRef: "k" })))).toEqual({
      name: "LetterlockError",
      code: "throttled",
      message: "x",
      provider: "p",
      keyRef: "k",
      retryable: true,
      attempts: [],
    });
  });

  test("keeps its own list of attempts", () => {
    const attempts: Attempt[] = [{ provider: "p", keyRef: "k", code: "throttled", cause: sdkError }];
    const error = new LetterlockError("throttled", "x", { attempts });
    attempts.length = 0;
    expect(error.attempts).toHaveLength(1);
  });
});

test("nothing that holds a key shows it", async () => {
  const secret = Buffer.from(secretKey);
  const { key } = await createDataKey([localKek({ name: "n", secret })]);
  const cache = createKeyCache({ maxAgeMs: 1000, maxUses: 10, maxBytes: 1000, maxEntries: 10 });
  await seal(message, [localKek({ name: "n", secret })], { cache });
  for (const holder of [localKek({ name: "n", secret }), passphraseKek({ name: "n", passphrase: token }), key, cache]) {
    expect(leaks(show(holder, { showHidden: true, depth: null }))).toBe(false);
    expect(leaks(JSON.stringify(holder))).toBe(false);
  }
});
