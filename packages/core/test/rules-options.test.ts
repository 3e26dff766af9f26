import { describe, expect, test } from "vitest";
import * as core from "../src/index.ts";
import { countingKek } from "./support/counting-kek.ts";
import { rejectionOf, thrownBy } from "./support/rejection.ts";

// Rule 1: a function takes exactly the options that it honours, and an unknown one is a TypeError.

const kek = countingKek();
const envelope = await core.seal(new Uint8Array(5), [kek]);
const { blob, record } = core.splitEnvelope(envelope);
const { keyId } = core.inspect(blob);
const source = { size: envelope.length, read: async (start: number, end: number) => envelope.slice(start, end) };
const recordSource = { size: record.length, read: async (start: number, end: number) => record.slice(start, end) };
const dataKey = await core.openDataKey(blob, [kek]);

const values: Record<string, unknown> = {
  signal: new AbortController().signal,
  context: {},
  detached: [],
  suite: "aes-256-gcm",
  aad: "",
  cache: core.createKeyCache({ maxAgeMs: 1000, maxUses: 100, maxBytes: 1000, maxEntries: 10 }),
  requireAuthenticatedWrap: false,
  onFailedAttempt: () => undefined,
  keyId,
  usage: "data",
  payload: { aad: "" },
  change: {},
  size: 1_000_000,
  depth: 1,
  nonsense: 1,
};
const key = ["signal", "context", "detached", "suite"];
const header = ["signal", "context", "requireAuthenticatedWrap", "onFailedAttempt"];

interface Target {
  readonly misuse: "rejects" | "throws";
  readonly honours: readonly string[];
  readonly required?: Record<string, unknown>;
  // The point is to pass what the types refuse.
  readonly call: (options: never) => unknown;
}
const rekeying = { from: [kek], to: [kek] };
const local = { name: "n", secret: new Uint8Array(32) };
const passphrase = { name: "n", passphrase: "p" };
const intermediate = { keyId, blob, keks: [kek], maxAgeMs: 1 };
const limits = { maxAgeMs: 1, maxUses: 1, maxBytes: 1, maxEntries: 1 };
const targets: Record<string, Target> = {
  seal: { misuse: "rejects", honours: [...key, "aad", "cache"], call: (o) => core.seal(new Uint8Array(1), [kek], o) },
  open: { misuse: "rejects", honours: [...header, "aad", "cache"], call: (o) => core.open(envelope, [kek], o) },
  sealStream: { misuse: "throws", honours: [...key, "aad", "cache"], call: (o) => core.sealStream([], [kek], o) },
  openStream: { misuse: "throws", honours: [...header, "aad", "cache"], call: (o) => core.openStream([envelope], [kek], o) },
  openRange: {
    misuse: "rejects",
    honours: [...header, "aad", "cache"],
    call: (o) => core.openRange(source, [kek], { start: 0, end: 1 }, o),
  },
  openReader: { misuse: "rejects", honours: [...header, "aad", "cache"], call: (o) => core.openReader(source, [kek], o) },
  rewrap: { misuse: "rejects", honours: [...header, "usage"], call: (o) => core.rewrap(envelope, rekeying, o) },
  rewrapStream: { misuse: "throws", honours: [...header, "usage"], call: (o) => core.rewrapStream([envelope], rekeying, o) },
  refresh: { misuse: "rejects", honours: [...header, "usage"], call: (o) => core.refresh(envelope, [kek], o) },
  rekey: { misuse: "rejects", honours: [...header, "aad", "change"], call: (o) => core.rekey(envelope, rekeying, o) },
  inspect: { misuse: "throws", honours: ["size"], call: (o) => core.inspect(envelope, o) },
  verify: { misuse: "rejects", honours: [...header, "usage", "payload"], call: (o) => core.verify(envelope, [kek], o) },
  createDataKey: { misuse: "rejects", honours: key, call: (o) => core.createDataKey([kek], o) },
  openDataKey: { misuse: "rejects", honours: [...header, "keyId", "cache"], call: (o) => core.openDataKey(blob, [kek], o) },
  createIntermediateKek: { misuse: "rejects", honours: key, call: (o) => core.createIntermediateKek([kek], o) },
  localKek: { misuse: "throws", honours: [], required: local, call: (o) => core.localKek(o) },
  passphraseKek: { misuse: "throws", honours: [], required: passphrase, call: (o) => core.passphraseKek(o) },
  intermediateKek: { misuse: "throws", honours: ["keyId", "context"], required: intermediate, call: (o) => core.intermediateKek(o) },
  createKeyCache: { misuse: "throws", honours: [], required: limits, call: (o) => core.createKeyCache(o) },
  "DataKey.seal": { misuse: "throws", honours: ["aad"], required: { aad: "" }, call: (o) => dataKey.seal(new Uint8Array(1), o) },
  "DataKey.open": { misuse: "throws", honours: ["aad"], required: { aad: "" }, call: (o) => dataKey.open(record, o) },
  "DataKey.openRange": {
    misuse: "rejects",
    honours: ["aad", "signal"],
    required: { aad: "" },
    call: (o) => dataKey.openRange(recordSource, { start: 0, end: 1 }, o),
  },
  "DataKey.sealStream": { misuse: "throws", honours: ["aad", "signal"], required: { aad: "" }, call: (o) => dataKey.sealStream([], o) },
  "DataKey.openStream": {
    misuse: "throws",
    honours: ["aad", "signal"],
    required: { aad: "" },
    call: (o) => dataKey.openStream([record], o),
  },
};
/** Exported functions that take no options. */
const without = ["aad", "aroundKek", "asStored", "envelopeHead", "fromText", "headerOf", "joinEnvelope", "kekErrorCode", "splitEnvelope"];

test("covers every exported function", () => {
  const functions = Object.keys(core).filter((name) => name !== "LetterlockError");
  expect([...Object.keys(targets).filter((name) => !name.includes(".")), ...without, "toText"].sort()).toEqual(functions.sort());
});

describe.each(Object.entries(targets))("%s", (_name, { misuse, honours, required, call }) => {
  const misuseOf = async (options: unknown): Promise<unknown> => {
    if (misuse === "throws") return thrownBy(() => call(options as never));
    // A function that is not async would throw here, out of the promise.
    const result = call(options as never);
    expect(result).toBeInstanceOf(Promise);
    return await rejectionOf(result as Promise<unknown>);
  };

  test.each(Object.keys(values).filter((name) => !honours.includes(name)))("refuses the option %s", async (name) => {
    const before = kek.calls.length;
    expect(await misuseOf({ ...required, [name]: values[name] })).toBeInstanceOf(TypeError);
    expect(kek.calls.length).toBe(before);
  });

  test.each(honours)("takes the option %s, and undefined for it", async (name) => {
    for (const value of name === "aad" || required?.[name] !== undefined ? [values[name]] : [values[name], undefined]) {
      const result = call({ ...required, [name]: value } as never);
      if (result instanceof Promise) await result;
      else expect(result).toBeDefined();
    }
  });

  test.each([null, 1, "options", true])("refuses %j as options", async (options) => {
    expect(await misuseOf(options)).toBeInstanceOf(TypeError);
  });

  test("refuses options of the wrong type", async () => {
    const wrong: Record<string, unknown> = {
      signal: {},
      context: "tenant",
      detached: "tenant",
      suite: "aes-128-gcm",
      aad: 7,
      cache: {},
      requireAuthenticatedWrap: "yes",
      onFailedAttempt: true,
      keyId: 7,
      usage: "both",
      payload: { aad: 7 },
      change: { nonsense: 1 },
      size: "5",
    };
    for (const name of honours) expect(await misuseOf({ ...required, [name]: wrong[name] }), name).toBeInstanceOf(TypeError);
    for (const name of honours) expect(await misuseOf({ ...required, [name]: null }), `${name}: null`).toBeInstanceOf(TypeError);
  });
});

test("refuses unknown members of named pairs", async () => {
  const pair = { ...rekeying, keep: () => true, nonsense: 1 };
  expect(await rejectionOf(core.rewrap(envelope, pair))).toBeInstanceOf(TypeError);
  expect(thrownBy(() => core.rewrapStream([envelope], pair))).toBeInstanceOf(TypeError);
  expect(await rejectionOf(core.rekey(envelope, { ...rekeying, keep: () => true } as typeof rekeying))).toBeInstanceOf(TypeError);
  const change = { context: {}, requireAuthenticatedWrap: true };
  expect(await rejectionOf(core.rekey(envelope, rekeying, { change }))).toBeInstanceOf(TypeError);
  const payload = { aad: "", signal: values.signal };
  expect(await rejectionOf(core.verify(envelope, [kek], { payload }))).toBeInstanceOf(TypeError);
});
