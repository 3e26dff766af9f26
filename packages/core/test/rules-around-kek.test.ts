import { describe, expect, test } from "vitest";
import { aroundKek, type Kek, type KekCall, type KekOperation, localKek, open, refresh, seal } from "../src/index.ts";
import { countingKek, ProviderFailure } from "./support/counting-kek.ts";
import { letterlockError, thrownBy } from "./support/rejection.ts";

// Rule 10: a decorator keeps the identity, the optional members and the whole call.

const message = new TextEncoder().encode("hello");
const full = () =>
  countingKek({
    generate: (answer) => answer(),
    rewrap: (answer) => answer(),
    currentVersion: async () => "2",
    keyVersion: "1",
    authenticatesWrap: false,
  });
const passing = <T>(_operation: KekOperation, _call: { readonly signal: AbortSignal }, run: () => Promise<T>): Promise<T> => run();

describe("aroundKek", () => {
  test("keeps identity and exactly the optional members", () => {
    const bare = countingKek();
    for (const kek of [bare, full(), { ...bare, retryAfterMs: () => 5 }]) {
      const around: Kek = aroundKek<Kek>(kek, passing);
      const members = ["wrap", "unwrap", "owns", "generate", "rewrap", "currentVersion", "retryAfterMs", "errorCode"] as const;
      for (const member of members) expect(member in around, member).toBe(kek[member as keyof typeof kek] !== undefined);
      const { provider, keyRef, bindsContext, authenticatesWrap } = kek;
      expect(around).toMatchObject({ provider, keyRef, bindsContext, authenticatesWrap });
      expect(around.owns({ provider, keyRef, wrapped: new Uint8Array(1) })).toBe(true);
    }
    const { unwrap: _unwrap, owns: _owns, ...sealer } = countingKek();
    expect(Object.keys(aroundKek(sealer, passing))).not.toContain("unwrap");
    expect(Object.keys(aroundKek(sealer, passing))).not.toContain("owns");
    expect(aroundKek<Kek>({ ...bare, retryAfterMs: (error) => error as number }, passing).retryAfterMs?.(7)).toBe(7);
  });

  test("calls the members of a class as methods", async () => {
    const inner = localKek({ name: "n", secret: new Uint8Array(32) });
    class Mine {
      readonly provider = "local";
      readonly keyRef = "n";
      readonly bindsContext = true;
      readonly authenticatesWrap = true;
      readonly #kek = inner;
      errorCode(error: unknown) {
        return this.#kek.errorCode(error);
      }
      wrap(dataKey: Uint8Array, call: KekCall) {
        return this.#kek.wrap(dataKey, call);
      }
      owns(recipient: Parameters<Kek["owns"]>[0]) {
        return this.#kek.owns(recipient);
      }
      unwrap(recipient: Parameters<Kek["unwrap"]>[0], call: KekCall) {
        return this.#kek.unwrap(recipient, call);
      }
    }
    const around = aroundKek<Kek>(new Mine(), passing);
    expect(await open(await seal(message, [around]), [around])).toEqual(new Uint8Array(message));
  });

  test("runs every provider call and nothing else through around", async () => {
    const seen: KekOperation[] = [];
    const noting = <T>(operation: KekOperation, _call: unknown, run: () => Promise<T>): Promise<T> => {
      seen.push(operation);
      return run();
    };
    const envelope = await seal(message, [aroundKek<Kek>(countingKek({ keyVersion: "1" }), noting)]);
    const kek = aroundKek<Kek>(full(), noting);
    await seal(message, [kek]);
    await open(envelope, [kek]);
    await refresh(envelope, [kek]);
    expect(seen).toEqual(["wrap", "generate", "unwrap", "currentVersion", "rewrap"]);
  });

  test("passes the call on whole, and run({ signal }) replaces the signal alone", async () => {
    const { signal } = new AbortController();
    const kek = full();
    const resigned = aroundKek<Kek>(kek, (_operation, _call, run) => run({ signal }));
    const other = countingKek({ keyRef: "other", keyVersion: "1" });
    const resignedOther = aroundKek<Kek>(other, (_operation, _call, run) => run({ signal }));
    const context = { tenant: "acme" };
    const envelope = await seal(message, [resigned, resignedOther], { context, suite: "chacha20-poly1305" });
    await open(envelope, [resigned], { context });
    await refresh(envelope, [resigned], { context });
    for (const call of [...kek.made, ...other.made]) {
      expect(call.signal).toBe(signal);
      expect(call).toMatchObject({ suite: "chacha20-poly1305", usage: "data", depth: 1 });
      expect(call.encryptionContext).toEqual({ tenant: "acme", letterlock: "1/2/1" });
      expect(Buffer.from(call.associatedData).toString("latin1")).toMatch("letterlock/1 wrap\0\x02\x01");
    }
    expect(kek.calls).toEqual(["generate", "unwrap", "currentVersion", "rewrap"]);
  });

  test("may run a call several times", async () => {
    let failures = 2;
    const kek = countingKek({
      wrap: (answer) => {
        if (failures-- > 0) throw new ProviderFailure("throttled");
        return answer();
      },
    });
    const retrying = aroundKek<Kek>(kek, async (_operation, _call, run) => {
      for (;;) {
        try {
          return await run();
        } catch (error) {
          if (kek.errorCode(error) !== "throttled") throw error;
        }
      }
    });
    expect(await open(await seal(message, [retrying]), [kek])).toEqual(new Uint8Array(message));
    expect(kek.calls).toEqual(["wrap", "wrap", "wrap", "unwrap"]);
  });

  test("asks its own errorCode first and leaves what that does not know to the KEK", async () => {
    const own = new Error("from around");
    const failing = <T>(): Promise<T> => Promise.reject(own);
    const kek = countingKek({ errorCode: () => "kek-unusable", unwrap: () => Promise.reject(new Error("from the KEK")) });
    const named = aroundKek<Kek>(kek, failing, (error) => (error === own ? "throttled" : undefined));
    await letterlockError(seal(message, [named]), "throttled");
    expect(named.errorCode(new Error("other"))).toBe("kek-unusable");
    await letterlockError(seal(message, [aroundKek<Kek>(kek, failing)]), "kek-unusable");
    const envelope = await seal(message, [kek]);
    await letterlockError(open(envelope, [aroundKek<Kek>(kek, passing, () => undefined)]), "kek-unusable");
  });

  test("counts what around throws at once, before a promise, as a failure of the KEK", async () => {
    const throwing = aroundKek<Kek>(countingKek(), () => {
      throw new ProviderFailure("throttled");
    });
    await letterlockError(seal(message, [throwing]), "throttled");
  });

  test("stacks: the outer one runs first, errors pass through both", async () => {
    const order: string[] = [];
    const layer = (kek: Kek, name: string, code: "throttled" | "access-denied") =>
      aroundKek<Kek>(
        kek,
        async (_operation, _call, run) => {
          order.push(`${name} in`);
          try {
            return await run();
          } finally {
            order.push(`${name} out`);
          }
        },
        (error) => (error === name ? code : undefined),
      );
    const kek = full();
    const stacked = layer(layer(kek, "inner", "throttled"), "outer", "access-denied");
    await seal(message, [stacked]);
    expect(order).toEqual(["outer in", "inner in", "inner out", "outer out"]);
    expect(["inner", "outer", "kek"].map((error) => stacked.errorCode(error))).toEqual(["throttled", "access-denied", "provider-error"]);
  });

  test("refuses an around or an errorCode that is not a function", () => {
    expect(thrownBy(() => aroundKek(countingKek(), {} as never))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => aroundKek(countingKek(), passing, "throttled" as never))).toBeInstanceOf(TypeError);
    expect(thrownBy(() => aroundKek(null as never, passing))).toBeInstanceOf(TypeError);
  });
});
