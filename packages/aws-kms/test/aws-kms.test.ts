import { getEventListeners, setMaxListeners } from "node:events";
import { DecryptCommand, EncryptCommand } from "@aws-sdk/client-kms";
import { open, refresh, seal } from "@letterlock/core";
import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type AwsKmsKek, awsKms } from "../src/index.ts";
import { kekCall, newDataKey } from "./support/kek-call.ts";
import { codeOf, rejectionOf } from "./support/rejection.ts";
import { runningAwsKms } from "./support/running-aws-kms.ts";

const kms = runningAwsKms({ grantDelayMs: 300_000 });
const context = { tenant: "acme" };
const message = new TextEncoder().encode("hello");
let keyArn: string;
let kek: AwsKmsKek;

beforeAll(async () => {
  keyArn = await kms.admin.createKey();
  kek = awsKms({ client: kms.client(), keyArn });
});

beforeEach(() => {
  kms.admin.clearFaults();
  kms.admin.allowAll();
  kms.admin.takeRequests();
});

const recipientOf = (wrapped: Uint8Array) => ({ provider: "aws-kms", keyRef: keyArn, wrapped });

describe("what reaches the service", () => {
  test("is one request for each operation, and every request names the configured key", async () => {
    const envelope = await seal(message, [kek], { context });
    await open(envelope, [kek], { context });
    const { wrapped } = await kek.wrap(newDataKey(), kekCall());
    await kek.rewrap(recipientOf(wrapped), kekCall());
    await kek.currentVersion({ signal: new AbortController().signal });
    const requests = kms.admin.takeRequests();
    expect(requests.map(({ operation }) => operation)).toEqual(["GenerateDataKey", "Decrypt", "Encrypt", "ReEncrypt", "DescribeKey"]);
    expect(new Set(requests.map(({ key }) => key))).toEqual(new Set([keyArn]));
  });

  test("is the whole context as the EncryptionContext, and the pair of suite and usage", async () => {
    const client = kms.client();
    const { wrapped } = await kek.wrap(newDataKey(), kekCall({ encryptionContext: { tenant: "acme", letterlock: "1/2/1" } }));
    const decrypt = (EncryptionContext: Record<string, string>) =>
      client.send(new DecryptCommand({ CiphertextBlob: wrapped, EncryptionContext }));
    await expect(decrypt({ letterlock: "1/2/1", tenant: "acme" })).resolves.toMatchObject({ KeyId: keyArn });
    for (const other of [{}, context, { ...context, letterlock: "1/1/1" }, { letterlock: "1/2/1" }]) {
      await expect(decrypt(other as Record<string, string>)).rejects.toThrow(
        expect.objectContaining({ name: "InvalidCiphertextException" }),
      );
    }
  });

  test.each([
    ["tenant", "tenant", "acme"],
    ["a name of the prototype", "__proto__", "x"],
    ["text beyond the basic plane", "klucz-🔑", "wartość-🗝"],
    ["an empty value", "empty", ""],
  ])("binds %s at the service", async (_what, key, value) => {
    const encryptionContext = JSON.parse(
      JSON.stringify({ letterlock: "1/1/1" }).replace("{", `{${JSON.stringify(key)}:${JSON.stringify(value)},`),
    );
    const dataKey = newDataKey();
    const { wrapped } = await kek.wrap(dataKey, kekCall({ encryptionContext }));
    expect(await kek.unwrap(recipientOf(wrapped), kekCall({ encryptionContext }))).toEqual(dataKey);
    const without = kekCall({ encryptionContext: { letterlock: "1/1/1" } });
    expect(kek.errorCode(await rejectionOf(kek.unwrap(recipientOf(wrapped), without)))).toBe("not-authentic");
  });

  test("is nothing when the wrapped bytes cannot be of the service", async () => {
    for (const length of [0, 1, 32, 6145]) {
      for (const operation of ["unwrap", "rewrap"] as const) {
        const error = await rejectionOf(kek[operation](recipientOf(new Uint8Array(length)), kekCall()));
        expect(kek.errorCode(error)).toBe("not-authentic");
      }
    }
    expect(kms.admin.takeRequests()).toEqual([]);
  });

  test("is nothing when the call is aborted before", async () => {
    const reason = new Error("enough");
    const aborted = kekCall({ signal: AbortSignal.abort(reason) });
    await rejectionOf(kek.wrap(newDataKey(), aborted));
    await rejectionOf(kek.generate(aborted));
    await rejectionOf(kek.unwrap(recipientOf(new Uint8Array(100)), aborted));
    await rejectionOf(kek.rewrap(recipientOf(new Uint8Array(100)), aborted));
    await rejectionOf(kek.currentVersion(aborted));
    await expect(seal(message, [kek], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(kms.admin.takeRequests()).toEqual([]);
  });

  test("carries the grant tokens", async () => {
    const { CreateGrantCommand, PutKeyPolicyCommand } = await import("@aws-sdk/client-kms");
    const key = await kms.admin.createKey();
    const owner = kms.client();
    const { GrantToken = "" } = await owner.send(
      new CreateGrantCommand({
        KeyId: key,
        GranteePrincipal: "arn:aws:iam::111122223333:user/bob",
        Operations: ["Encrypt", "Decrypt", "GenerateDataKey", "ReEncryptFrom", "ReEncryptTo", "DescribeKey"],
      }),
    );
    const Policy = JSON.stringify({
      Statement: [{ Effect: "Allow", Principal: { AWS: "arn:aws:iam::111122223333:user/alice" }, Action: "kms:*", Resource: "*" }],
    });
    await owner.send(new PutKeyPolicyCommand({ KeyId: key, Policy }));
    const client = kms.client({ accessKeyId: "bob" });
    const signal = new AbortController().signal;
    const grantTokens = [GrantToken];
    const granted = awsKms({ client, keyArn: key, grantTokens });
    grantTokens.length = 0;
    const envelope = await seal(message, [granted], { context });
    await open(envelope, [granted], { context });
    const recipient = { ...recipientOf((await granted.wrap(newDataKey(), kekCall())).wrapped), keyRef: key };
    await granted.rewrap(recipient, kekCall());
    expect(await granted.currentVersion({ signal })).toMatch(/^[0-9a-f]{64}$/);
    const without = awsKms({ client, keyArn: key });
    expect(await codeOf(open(envelope, [without], { context }))).toBe("access-denied");
    for (const error of [
      await rejectionOf(without.rewrap(recipient, kekCall())),
      await rejectionOf(without.currentVersion({ signal })),
      await rejectionOf(without.wrap(newDataKey(), kekCall())),
      await rejectionOf(without.generate(kekCall())),
    ]) {
      expect(without.errorCode(error)).toBe("access-denied");
    }
  });
});

describe("what comes back", () => {
  test("is a data key in a buffer of its own, and zeros in the SDK's", async () => {
    const { client, given } = watchedClient();
    const watched = awsKms({ client, keyArn });
    const { dataKey, wrapped } = await watched.generate(kekCall());
    const opened = await watched.unwrap(recipientOf(wrapped), kekCall());
    expect(opened).toEqual(dataKey);
    for (const bytes of [dataKey, opened]) {
      expect(bytes.some((byte) => byte !== 0)).toBe(true);
      expect([bytes.byteOffset, bytes.buffer.byteLength]).toEqual([0, 32]);
    }
    expect(given).toHaveLength(2);
    for (const bytes of given) expect(new Set(bytes)).toEqual(new Set([0]));
  });

  test.each(["Encrypt", "GenerateDataKey", "Decrypt", "ReEncrypt", "DescribeKey"])(
    "is refused when %s answers from another key",
    async (operation) => {
      const { wrapped } = await kek.wrap(newDataKey(), kekCall());
      kms.admin.fail({ operation, as: "wrong-key" });
      const call = kekCall();
      const run: Record<string, () => Promise<unknown>> = {
        Encrypt: () => kek.wrap(newDataKey(), call),
        GenerateDataKey: () => kek.generate(call),
        Decrypt: () => kek.unwrap(recipientOf(wrapped), call),
        ReEncrypt: () => kek.rewrap(recipientOf(wrapped), call),
        DescribeKey: () => kek.currentVersion(call),
      };
      const error = await rejectionOf(run[operation]?.() ?? Promise.resolve());
      expect(error).toMatchObject({ message: `the answer names another key than ${keyArn}` });
      expect(kek.errorCode(error)).toBe("provider-error");
    },
  );

  test("is zeroed when Decrypt answers from another key", async () => {
    const { client, given } = watchedClient();
    const { wrapped } = await kek.wrap(newDataKey(), kekCall());
    kms.admin.fail({ operation: "Decrypt", as: "wrong-key" });
    await rejectionOf(awsKms({ client, keyArn }).unwrap(recipientOf(wrapped), kekCall()));
    expect(given.map((bytes) => new Set(bytes))).toEqual([new Set([0])]);
  });

  test.each(["SourceKeyId", "KeyId"])("is refused when only the %s of a ReEncrypt is another key", async (member) => {
    const client = kms.client();
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        Object.assign(result.output as object, { [member]: "arn:aws:kms:us-east-1:111122223333:key/other" });
        return result;
      },
      { step: "initialize" },
    );
    const { wrapped } = await kek.wrap(newDataKey(), kekCall());
    const error = await rejectionOf(awsKms({ client, keyArn }).rewrap(recipientOf(wrapped), kekCall()));
    expect(kek.errorCode(error)).toBe("provider-error");
  });

  test("is refused when the answer lacks its plaintext, its blob or its key", async () => {
    for (const lacking of ["Plaintext", "CiphertextBlob", "KeyId"]) {
      const client = kms.client();
      client.middlewareStack.add(
        (next) => async (args) => {
          const result = await next(args);
          delete (result.output as unknown as Record<string, unknown>)[lacking];
          return result;
        },
        { step: "initialize" },
      );
      expect(await codeOf(seal(message, [awsKms({ client, keyArn })]))).toBe("provider-error");
    }
  });

  test("seals nothing when a data key or a blob is too short", async () => {
    kms.admin.fail({ operation: "GenerateDataKey", as: "wrong-length" });
    expect(await codeOf(seal(message, [kek]))).toBe("provider-error");
    const envelope = await seal(message, [kek]);
    kms.admin.fail({ operation: "Decrypt", as: "wrong-length" });
    expect(await codeOf(open(envelope, [kek]))).toBe("not-authentic");
  });
});

describe("versions", () => {
  const versionIn = async (envelope: Uint8Array): Promise<string | undefined> => {
    const { inspect } = await import("@letterlock/core");
    const info = inspect(envelope);
    return info.type === "envelope" ? info.header.recipients[0]?.keyVersion : undefined;
  };

  test("are the id of the key material: known after generate and rewrap, unknown after wrap", async () => {
    const call = kekCall();
    const current = await kek.currentVersion(call);
    expect(current).toMatch(/^[0-9a-f]{64}$/);
    expect((await kek.generate(call)).keyVersion).toBe(current);
    const wrapped = await kek.wrap(newDataKey(), call);
    expect(wrapped.keyVersion).toBeUndefined();
    expect((await kek.rewrap(recipientOf(wrapped.wrapped), call)).keyVersion).toBe(current);
  });

  test("move with a rotation, and refresh follows inside the service", async () => {
    const rotated = await kms.admin.createKey();
    const mine = awsKms({ client: kms.client(), keyArn: rotated });
    const before = await seal(message, [mine], { context });
    kms.admin.rotateKey(rotated);
    const current = await mine.currentVersion(kekCall());
    expect(await versionIn(before)).not.toBe(current);
    kms.admin.takeRequests();
    const { object, recipients } = await refresh(before, [mine], { context });
    expect(recipients).toMatchObject([{ status: "rewrapped", from: await versionIn(before), to: current }]);
    expect(kms.admin.takeRequests().map(({ operation }) => operation)).toEqual(["DescribeKey", "ReEncrypt"]);
    for (const envelope of [before, object]) expect(await open(envelope, [mine], { context })).toEqual(new Uint8Array(message));
    expect((await refresh(object, [mine], { context })).recipients).toMatchObject([{ status: "current" }]);
  });

  test.each([["with a space"], [""], ["ż"], ["x".repeat(256)]])("that no header can hold are unknown: %j", async (KeyMaterialId) => {
    const client = kms.client();
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        Object.assign(result.output as object, { KeyMaterialId, DestinationKeyMaterialId: KeyMaterialId });
        return result;
      },
      { step: "initialize" },
    );
    const odd = awsKms({ client, keyArn });
    const { keyVersion, wrapped } = await odd.generate(kekCall());
    expect(keyVersion).toBeUndefined();
    expect((await odd.rewrap(recipientOf(wrapped), kekCall())).keyVersion).toBeUndefined();
  });
});

test("64 calls under one signal do not mix, and leave no listener on it", async () => {
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const call = kekCall({ signal });
  const keys = Array.from({ length: 64 }, newDataKey);
  const opened = await Promise.all(keys.map(async (dataKey) => kek.unwrap(recipientOf((await kek.wrap(dataKey, call)).wrapped), call)));
  expect(opened).toEqual(keys);
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

describe("another key", () => {
  test("cannot open what this key wrapped, and is not asked for", async () => {
    const other = awsKms({ client: kms.client(), keyArn: await kms.admin.createKey() });
    const envelope = await seal(message, [kek], { context });
    kms.admin.takeRequests();
    expect(await codeOf(open(envelope, [other], { context }))).toBe("no-matching-kek");
    expect(kms.admin.takeRequests()).toEqual([]);
    const { wrapped } = await kek.wrap(newDataKey(), kekCall());
    expect(other.errorCode(await rejectionOf(other.unwrap(recipientOf(wrapped), kekCall())))).toBe("not-authentic");
    expect(kms.admin.takeRequests().map(({ key }) => key)).toEqual([keyArn, other.keyRef]);
  });

  test("whose ciphertext carries the same context does not open an envelope of this one", async () => {
    const EncryptionContext = { tenant: "acme", letterlock: "1/1/1" };
    const { CiphertextBlob } = await kms.client().send(new EncryptCommand({ KeyId: keyArn, Plaintext: newDataKey(), EncryptionContext }));
    const substituted = { ...kek, generate: undefined, wrap: async () => ({ wrapped: CiphertextBlob ?? new Uint8Array() }) };
    const { generate: _none, ...wrapper } = substituted;
    const envelope = await seal(message, [wrapper], { context });
    expect(await codeOf(open(envelope, [kek], { context }))).toBe("not-authentic");
  });
});

/** A client, and the plaintexts that the SDK gave. */
function watchedClient(): { readonly client: ReturnType<typeof kms.client>; readonly given: readonly Uint8Array[] } {
  const given: Uint8Array[] = [];
  const client = kms.client();
  client.middlewareStack.add(
    (next) => async (args) => {
      const result = await next(args);
      const { Plaintext } = result.output as { Plaintext?: Uint8Array };
      if (Plaintext !== undefined) given.push(Plaintext);
      return result;
    },
    { step: "initialize" },
  );
  return { client, given };
}
