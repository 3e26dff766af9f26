import { aroundKek, type Kek, localKek, passphraseKek } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { type KekSubject, runKek } from "../src/index.ts";
import { testKek } from "../src/vitest.ts";
import { fakeSubject, plainSubject, soundMaking } from "./support/fake-subject.ts";

// A KEK that is right passes every case: nothing may fail, and nothing may stay unproven.
testKek("the reference", fakeSubject(), { unproven: "fail" });
testKek("the plain reference, which binds nothing and has no optional member", plainSubject(), { unproven: "fail" });
testKek("a decorated reference", fakeSubject({ ...soundMaking, finish: (kek) => aroundKek(kek, (_operation, _call, run) => run()) }), {
  unproven: "fail",
});
testKek("a reference of a class", fakeSubject({ ...soundMaking, finish: (kek) => new ClassKek(kek) as Kek }), { unproven: "fail" });

describe("KEKs of core", () => {
  const secretOf = (name: string): Uint8Array => new Uint8Array(32).fill(name.charCodeAt(0));
  const keks: Readonly<Record<string, KekSubject["create"]>> = {
    localKek: (name) => localKek({ name, secret: secretOf(name) }),
    passphraseKek: (name) => passphraseKek({ name, passphrase: name, logN: 15 }),
  };

  test.each(Object.entries(keks))(
    "%s fails no case",
    async (name, create) => {
      // A passphrase is slow on purpose.
      const quick = ["identity", "round-trip", "truncated", "core-seal-open", "context-changed"];
      const { results, passed } = await runKek({ create }, name === "passphraseKek" ? { select: ({ id }) => quick.includes(id) } : {});
      expect(results.filter(({ outcome }) => outcome === "failed").map(({ id, explanation }) => `${id}: ${explanation}`)).toEqual([]);
      expect(passed).toBeGreaterThanOrEqual(quick.length);
    },
    60_000,
  );
});

/** Its members stand on the prototype, where spreading an object does not find them. */
class ClassKek {
  readonly #kek: Kek;
  constructor(kek: Kek) {
    this.#kek = kek;
    if (kek.provider === "") throw new Error("unreachable");
  }
  get provider(): string {
    return this.#kek.provider;
  }
  get keyRef(): string {
    return this.#kek.keyRef;
  }
  get bindsContext(): boolean {
    return this.#kek.bindsContext;
  }
  get authenticatesWrap(): boolean {
    return this.#kek.authenticatesWrap;
  }
  errorCode(error: unknown) {
    return this.#kek.errorCode(error);
  }
  retryAfterMs(error: unknown) {
    return this.#kek.retryAfterMs?.(error);
  }
  owns(...given: Parameters<Kek["owns"]>) {
    return this.#kek.owns(...given);
  }
  wrap(...given: Parameters<Kek["wrap"]>) {
    return this.#kek.wrap(...given);
  }
  unwrap(...given: Parameters<Kek["unwrap"]>) {
    return this.#kek.unwrap(...given);
  }
  generate(...given: Parameters<NonNullable<Kek["generate"]>>) {
    return this.#kek.generate?.(...given);
  }
  rewrap(...given: Parameters<NonNullable<Kek["rewrap"]>>) {
    return this.#kek.rewrap?.(...given);
  }
  currentVersion(...given: Parameters<NonNullable<Kek["currentVersion"]>>) {
    return this.#kek.currentVersion?.(...given);
  }
}
