import { createSecretKey, type scrypt } from "node:crypto";
import { expect, vi } from "vitest";
import { bindingOf, type Core, makeCore, readContext, readDetached } from "../src/context.ts";
import { type Context, type Kek, localKek, passphraseKek } from "../src/index.ts";
import { kekCalls } from "../src/kek-call.ts";
import { unwrapWithSecret } from "../src/secret-wrap.ts";
import { expectedOutcome, outcomeOf } from "./support/outcome.ts";
import { vectorCases } from "./support/vector-cases.ts";
import { bytesOf, type Vector, type VectorBytes } from "./support/vector-file.ts";

interface WrapVector extends Vector {
  readonly suite: 1 | 2;
  readonly usage: 1 | 2;
  readonly context: Context;
  readonly detached?: readonly string[];
  readonly kek?: VectorBytes;
  readonly passphrase?: string;
  readonly key?: VectorBytes;
  readonly wrapped?: VectorBytes;
  readonly salt?: VectorBytes;
  readonly scryptSalt?: VectorBytes;
  readonly logN?: number;
  readonly binding?: true;
  readonly a?: VectorBytes;
  readonly encryptionContext?: Readonly<Record<string, string>>;
}

/** What core draws next, and how often it ran scrypt. */
const drawn = vi.hoisted(() => ({ salt: new Uint8Array(24) as Uint8Array, scryptSalt: new Uint8Array(16) as Uint8Array, scryptRuns: 0 }));
vi.mock(import("../src/random.ts"), async (original) => ({ ...(await original()), randomSalt: () => new Uint8Array(drawn.salt) }));
vi.mock(import("node:crypto"), async (original) => {
  const crypto = await original();
  const counted = (...args: Parameters<typeof scrypt>) => {
    drawn.scryptRuns++;
    return crypto.scrypt(...args);
  };
  const filled = (target: Uint8Array) => {
    target.set(drawn.scryptSalt);
    return target;
  };
  return { ...crypto, scrypt: counted, randomFillSync: filled } as unknown as typeof crypto;
});

vectorCases<WrapVector>("wrap", async (vector) => {
  const pairs = readContext(vector.context);
  const core = makeCore(vector.suite, vector.usage, pairs, readDetached(vector.detached, pairs));
  if (vector.binding === true) return boundTo(vector, core);
  const call = kekCalls(core, 1, new AbortController().signal);
  const expected = expectedOutcome(vector, () => bytesOf(vector.key ?? ""));
  const wrapped = bytesOf(vector.wrapped ?? "");
  const kek = kekOf(vector);
  drawn.scryptRuns = 0;
  expect(await outcomeOf(() => kek.unwrap({ provider: kek.provider, keyRef: kek.keyRef, wrapped }, call()))).toEqual(expected);
  expect(drawn.scryptRuns).toBe(vector.passphrase !== undefined && canBePassphrase(wrapped) ? 1 : 0);
  if (vector.kek !== undefined) {
    const secret = createSecretKey(bytesOf(vector.kek));
    expect(await outcomeOf(() => unwrapWithSecret(secret, wrapped, call()))).toEqual(expected);
  }
  if (vector.salt === undefined) return;
  drawn.salt = bytesOf(vector.salt);
  drawn.scryptSalt = bytesOf(vector.scryptSalt ?? "");
  const again = outcomeOf(async () => (await kek.wrap(bytesOf(vector.key ?? ""), call())).wrapped);
  expect(await again).toEqual({ result: "valid", value: vector.wrapped });
});

function boundTo(vector: WrapVector, core: Core): void {
  const { associatedData, encryptionContext } = kekCalls(core, 1, new AbortController().signal)();
  expect(associatedData).toEqual(bytesOf(vector.a ?? ""));
  expect(bindingOf(core)).toEqual(bytesOf(vector.a ?? ""));
  expect(Object.entries(encryptionContext).sort()).toEqual(Object.entries(vector.encryptionContext ?? {}).sort());
}

function kekOf({ kek, passphrase, logN }: WrapVector): Kek {
  if (kek !== undefined) return localKek({ name: "main", secret: bytesOf(kek) });
  return passphraseKek({ name: "main", passphrase: passphrase ?? "", logN });
}

/** A length and a cost that SPEC 6.4 allows; anything else is refused without the work. */
function canBePassphrase(wrapped: Uint8Array): boolean {
  const logN = wrapped[0] ?? 0;
  return wrapped.length === 121 && logN >= 15 && logN <= 18;
}
