import { randomBytes } from "node:crypto";
import { inspect as print } from "node:util";
import { KMSClient } from "@aws-sdk/client-kms";
import { awsKms } from "@letterlock/aws-kms";
import { aad, createDataKey, type Kek, type KekCall, LetterlockError, open, refresh, rewrap, seal } from "@letterlock/core";
import { startAwsKms, startVaultTransit } from "@letterlock/emulators";
import { createKeyring, memoryKeyStore } from "@letterlock/keyring";
import { retrying, sealAtLeast, timed } from "@letterlock/resilience";
import { vaultClient, vaultTransit } from "@letterlock/vault-transit";
import * as semantic from "@opentelemetry/semantic-conventions/incubating";
import { afterAll, beforeAll, expect, test } from "vitest";
import { degradedSeals, traced, tracedKeyring } from "../src/index.ts";
import { type Collected, collecting } from "./support/collected.ts";
import { kekCall, scriptedKek } from "./support/scripted-kek.ts";

// Everything that must stay secret passes through everything that is measured, and what an exporter is given is searched for it.

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

const secrets: Record<string, string | Uint8Array> = {
  plaintext: `plaintext-${randomBytes(12).toString("hex")}`,
  "context value": `context-${randomBytes(12).toString("hex")}`,
  "context key": `name-${randomBytes(12).toString("hex")}`,
  aad: `aad-${randomBytes(12).toString("hex")}`,
  "token in an error": `token-${randomBytes(12).toString("hex")}`,
  "text of an abort": `reason-${randomBytes(12).toString("hex")}`,
  "data key in an error": new Uint8Array(randomBytes(32)),
};
const { plaintext, aad: place } = secrets as Record<string, string>;
const context = { [secrets["context key"] as string]: secrets["context value"] as string };
const message = new TextEncoder().encode(plaintext);

let collected: Collected;
let exported: string;

beforeAll(async () => {
  collected = collecting();
  const aws = running.use(await startAwsKms());
  const client = new KMSClient({
    endpoint: aws.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "alice", secretAccessKey: "secret" },
    maxAttempts: 1,
  });
  running.defer(() => client.destroy());
  const keyArn = await aws.admin.createKey();
  const vault = running.use(await startVaultTransit());
  secrets["token of a client"] = vault.rootToken;
  const own = running.use(vaultClient({ endpoint: vault.endpoint, token: vault.rootToken }));
  const bare: Kek[] = [
    awsKms({ client, keyArn }),
    vaultTransit({ client: own, keyName: vault.admin.createKey().slice("transit/".length) }),
  ];
  const keks = bare.map((kek, index) =>
    traced(
      retrying(traced(timed(spying(kek, `kek ${index}`), { perAttemptMs: 10_000 }), collected.options), { attempts: 2 }),
      collected.options,
    ),
  );

  const envelope = await seal(message, keks, { context, aad: place });
  secrets.envelope = envelope;
  await open(envelope, keks, { context, aad: place });
  aws.admin.rotateKey(keyArn);
  await refresh(envelope, keks, { context });
  await rewrap(envelope, { from: keks, to: keks }, { context });
  const { key } = await createDataKey(keks, { context, detached: Object.keys(context) });
  secrets.record = key.seal(message, { aad: aad(place ?? "") });
  for (const as of ["throttled", "unavailable", "reset", "garbage", "wrong-key", "wrong-length"] as const) {
    for (const { admin } of [aws, vault]) {
      admin.fail({ as, times: 2 });
      await seal(message, keks, { context }).catch(() => undefined);
      admin.clearFaults();
      admin.fail({ as, times: 2 });
      await open(envelope, keks, { context, aad: place }).catch(() => undefined);
      admin.clearFaults();
    }
  }

  for (const error of leakyErrors()) {
    const { kek, script } = scriptedKek("leaky");
    const tracing = traced(kek, collected.options);
    script.push(error, error);
    await tracing.wrap(new Uint8Array(32), kekCall()).catch(() => undefined);
    await sealAtLeast(1, message, [tracing, ...keks], {
      context,
      aad: place,
      onDegraded: degradedSeals({ meter: collected.options.meter }),
    }).catch(() => undefined);
    const store = memoryKeyStore();
    using ring = tracedKeyring(
      createKeyring({ keks: [tracing], store, policy: { memory: { maxAgeMs: 60_000, maxKeys: 5 } } }),
      collected.options,
    );
    script.push(error);
    await ring.seal(message, { context, aad: place ?? "" }).catch(() => undefined);
    const record = await ring.seal(message, { context, aad: place ?? "" });
    await ring.open(record, { context, aad: place ?? "" });
    await ring.open(record, { context, aad: "another" }).catch(() => undefined);
    await ring.open(record, { context: {}, aad: place ?? "" }).catch(() => undefined);
    ring.forContext(context).sealSync(message, { aad: place ?? "" });
    await ring.refresh();
    await collected.points();
    await ring.destroy(context);
  }
  const leaving = new AbortController();
  const { kek: hanging, script } = scriptedKek("hanging");
  script.push("hang");
  const left = traced(hanging, collected.options).wrap(new Uint8Array(32), kekCall(leaving.signal));
  leaving.abort(new Error(secrets["text of an abort"] as string));
  await left.catch(() => undefined);
  exported = await collected.everything();
}, 60_000);

test("everything was measured", async () => {
  const names = new Set(collected.spans().map(({ name }) => name));
  for (const operation of ["generate", "unwrap", "rewrap"]) expect(names).toContain(`${operation} aws-kms`);
  for (const operation of ["wrap", "unwrap"]) expect(names).toContain(`${operation} vault-transit`);
  for (const operation of ["seal", "open", "refresh", "destroy"]) expect(names).toContain(`${operation} keyring`);
  const codes = new Set(collected.spans().map(({ attributes }) => attributes["letterlock.code"]));
  for (const code of ["ok", "throttled", "unavailable", "provider-error", "aborted"]) expect(codes).toContain(code);
  expect(Object.keys(await collected.points())).toContain("letterlock.seals.degraded");
  expect(Object.keys(secrets).filter((name) => name.startsWith("kek "))).toHaveLength(6);
});

test("the search finds what is there", () => {
  expect(found(`before ${plaintext} after`)).toEqual(["plaintext"]);
  const key = secrets["data key in an error"] as Uint8Array;
  for (const text of [Buffer.from(key).toString("hex"), Buffer.from(key).toString("base64url"), JSON.stringify(key), print(key)]) {
    expect(found(text)).toEqual(["data key in an error"]);
  }
});

test("nothing secret is exported", () => {
  expect(exported.length).toBeGreaterThan(10_000);
  expect(found(exported)).toEqual([]);
});

test("every name is ours or the semantic conventions'", async () => {
  const known = new Set<unknown>(Object.values(semantic));
  const points = Object.values(await collected.points()).flat();
  const names = new Set([...collected.spans(), ...points].flatMap(({ attributes }) => Object.keys(attributes)));
  expect([...names].filter((name) => !name.startsWith("letterlock.") && !known.has(name))).toEqual([]);
  expect([...names]).toEqual(expect.arrayContaining(["error.type", "cloud.region", "aws.request_id"]));
});

/** Errors as SDKs throw them: with the request, the token and the data key, in every place where an error can hold them. */
function leakyErrors(): unknown[] {
  const token = secrets["token in an error"] as string;
  const dataKey = secrets["data key in an error"] as Uint8Array;
  const text = `Bearer ${token} ${plaintext} ${Buffer.from(dataKey).toString("base64")}`;
  const request = { headers: { authorization: text }, body: dataKey };
  const plain = Object.assign(new Error(text), { name: text, code: text, request, stack: text });
  return [
    plain,
    new Error("wrapped", { cause: plain }),
    new AggregateError([plain], text),
    new LetterlockError("unavailable", text, { provider: "local", keyRef: "leaky", cause: plain }),
    Object.assign(new Error(text), { code: "ECONNRESET", request }),
    text,
    { toString: () => text, message: text },
  ];
}

/** Remembers the data keys and the wrapped bytes that pass. */
function spying(kek: Kek, name: string): Kek {
  const remember = (what: string, bytes: Uint8Array): void => {
    secrets[`${name} ${what}`] ??= new Uint8Array(bytes);
  };
  const { generate } = kek;
  return {
    ...kek,
    async wrap(dataKey: Uint8Array, call: KekCall) {
      remember("data key", dataKey);
      const result = await kek.wrap(dataKey, call);
      remember("wrapped", result.wrapped);
      return result;
    },
    async unwrap(recipient, call) {
      remember("associated data", call.associatedData);
      return kek.unwrap(recipient, call);
    },
    ...(generate && {
      async generate(call: KekCall) {
        const result = await generate(call);
        remember("data key", result.dataKey);
        remember("wrapped", result.wrapped);
        return result;
      },
    }),
  };
}

/** The names of the secrets that stand in a text, in any of the ways in which bytes are written. */
function found(text: string): string[] {
  const lower = text.toLowerCase();
  // Without the spaces and the backslashes that a printer puts in between.
  const dense = lower.replace(/[\s\\]/g, "");
  return Object.entries(secrets)
    .filter(([, secret]) => spellings(secret).some((spelling) => [lower, dense].some((one) => one.includes(spelling.toLowerCase()))))
    .map(([name]) => name);
}

/** A part is enough: 12 bytes from the beginning. */
function spellings(secret: string | Uint8Array): string[] {
  if (typeof secret === "string") return [secret, ...spellings(new TextEncoder().encode(secret))];
  const bytes = Buffer.from(secret.slice(0, 12));
  const numbers = [...bytes];
  const pairs = numbers.map((byte, index) => `"${index}":${byte}`);
  return [
    bytes.toString("hex"),
    bytes.toString("base64"),
    bytes.toString("base64url"),
    numbers.join(","),
    numbers.join(", "),
    pairs.join(","),
  ];
}
