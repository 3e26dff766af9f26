import { randomBytes } from "node:crypto";
import { aroundKek, type Kek, type KekErrorCode, LetterlockError, localKek } from "@letterlock/core";

export function newKek(name: string): Kek {
  return localKek({ name, secret: new Uint8Array(randomBytes(32)) });
}

/** A KEK of a provider whose calls fail as `fault` says: a code, or undefined for a call that goes through. */
export function faultyKek(kek: Kek, fault: (operation: string) => KekErrorCode | undefined): Kek {
  return aroundKek(
    kek,
    async (operation, _call, run) => {
      const code = fault(operation);
      if (code !== undefined) throw new Faulty(code);
      return await run();
    },
    (error) => (error instanceof Faulty ? error.code : undefined),
  );
}

class Faulty extends Error {
  readonly code: KekErrorCode;
  constructor(code: KekErrorCode) {
    super(code);
    this.code = code;
  }
}

/** A KEK that wraps, when `errs` says so, another key than the one that it was given. */
export function lyingKek(kek: Kek, errs: () => boolean): Kek {
  return { ...kek, wrap: (dataKey, call) => kek.wrap(errs() ? new Uint8Array(32).fill(7) : dataKey, call) };
}

/** A KEK with versions, which its provider can rewrap by itself: "v1:" and "v2:" stand before what a local KEK wrapped. */
export function versionedKek(name: string): Kek & { rotate(): void; garbleNext(): void } {
  const inner = newKek(name);
  let version = 1;
  let garbles = false;
  return {
    ...inner,
    wrap: async (dataKey, call) => ({ ...(await inner.wrap(dataKey, call)), keyVersion: `v${version}` }),
    rewrap: async (recipient) => {
      const wrapped = Uint8Array.from(recipient.wrapped);
      if (garbles) wrapped[0] = (wrapped[0] ?? 0) ^ 1;
      garbles = false;
      return { wrapped, keyVersion: `v${version}` };
    },
    currentVersion: async () => `v${version}`,
    rotate: () => {
      version += 1;
    },
    garbleNext: () => {
      garbles = true;
    },
  };
}

export function code(error: unknown): string | undefined {
  return LetterlockError.is(error) ? error.code : undefined;
}
