import { randomBytes } from "node:crypto";
import { afterEach } from "vitest";
import { createKeyring, type Keyring, type KeyringPolicy, type KeyStore, memoryKeyStore } from "../../src/index.ts";
import { type SwitchedKek, switchedKek } from "./switched-kek.ts";

export const acme = { context: { tenant: "acme" }, aad: "users/1" };
export const other = { context: { tenant: "other" }, aad: "users/1" };
export const message: Uint8Array = new Uint8Array(randomBytes(100));

const rings: Keyring[] = [];
afterEach(() => {
  for (const ring of rings.splice(0)) ring[Symbol.dispose]();
});

export interface MadeRing {
  readonly ring: Keyring;
  readonly switched: SwitchedKek;
  readonly store: KeyStore;
  /** One more ring over the same store and KEK, as another process would have. */
  process(): Keyring;
}

/** A ring that is disposed after the test. */
export function makeRing(
  policy: Partial<KeyringPolicy> = {},
  switched: SwitchedKek = switchedKek(),
  store: KeyStore = memoryKeyStore(),
): MadeRing {
  const ring = disposedLater(
    createKeyring({ keks: [switched.kek], store, policy: { memory: { maxAgeMs: 60_000, maxKeys: 100 }, ...policy } }),
  );
  return { ring, switched, store, process: () => makeRing(policy, switched, store).ring };
}

export function disposedLater(ring: Keyring): Keyring {
  rings.push(ring);
  return ring;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** Settles what waits only for this process. */
export async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
