import { inspect } from "@letterlock/core";
import { describe, expect, test } from "vitest";
import { type KeyStore, keyStoreCases, memoryKeyStore, type StoredKey } from "../src/index.ts";

// Is the suite worth anything? Each of these stores breaks one promise, and the case of that name has to find it.

const wrong: readonly { readonly id: string; readonly what: string; readonly make: (inner: KeyStore) => Partial<KeyStore> }[] = [
  {
    id: "keeps",
    what: "begins with sequence 0",
    make: (inner) => ({ get: async (keyId) => changed(await inner.get(keyId), { sequence: 0 }) }),
  },
  {
    id: "keeps",
    what: "gives seconds",
    make: (inner) => ({ get: async (keyId) => changed(await inner.get(keyId), { createdAt: 1_700_000_000 }) }),
  },
  {
    id: "keeps",
    what: "forgets the slot",
    make: (inner) => ({ current: async (slot) => changed(await inner.current(slot), { slot: "" }) }),
  },
  {
    id: "tells-what-is-not-there",
    what: "rejects for what is not there",
    make: (inner) => ({ get: async (keyId) => (await inner.get(keyId)) ?? fail() }),
  },
  { id: "tells-what-is-not-there", what: "calls a missing key a conflict", make: () => ({ replace: async () => "conflict" as const }) },
  {
    id: "arbitrates-first",
    what: "looks first and writes later",
    make: (inner) => ({
      async create(slot, blob, after) {
        const before = await inner.current(slot);
        await new Promise((resolve) => setImmediate(resolve));
        if (before?.keyId !== after) return { created: false, key: before };
        return inner.create(slot, blob, (await inner.current(slot))?.keyId);
      },
    }),
  },
  {
    id: "arbitrates-first",
    what: "does not tell who won",
    make: (inner) => ({ create: async (...call) => ({ ...(await inner.create(...call)), ...(await isLost(inner, call)) }) as never }),
  },
  {
    id: "arbitrates-next",
    what: "does not care what is current",
    make: (inner) => ({ create: async (slot, blob) => inner.create(slot, blob, (await inner.current(slot))?.keyId) }),
  },
  {
    id: "replaces-what-was-read",
    what: "does not compare",
    make: (inner) => ({ replace: async (keyId, _expected, blob) => inner.replace(keyId, (await inner.get(keyId))?.blob ?? blob, blob) }),
  },
  {
    id: "replaces-what-was-read",
    what: "does not write",
    make: (inner) => ({ replace: async (keyId, expected) => inner.replace(keyId, expected, expected) }),
  },
  {
    id: "lists",
    what: "lists in the order of creation",
    make: (inner) => {
      const order: string[] = [];
      return {
        create: async (slot, blob, after) => {
          order.push(inspect(blob).keyId);
          return inner.create(slot, blob, after);
        },
        list: async function* ({ after = "" } = {}) {
          for (const keyId of order) {
            const key = keyId > after ? await inner.get(keyId) : undefined;
            if (key !== undefined) yield key;
          }
        },
      };
    },
  },
  { id: "lists", what: "begins again", make: (inner) => ({ list: () => inner.list() }) },
  {
    id: "lists-while-written",
    what: "pages by number",
    make: (inner) => ({
      list: async function* () {
        for (let at = 0; ; at++) {
          const keys: StoredKey[] = [];
          for await (const key of inner.list()) keys.push(key);
          const key = keys[at];
          if (key === undefined) return;
          yield key;
        }
      },
    }),
  },
  { id: "destroys", what: "destroys nothing", make: () => ({ destroy: async () => [] }) },
  {
    id: "destroys",
    what: "leaves the older keys",
    make: (inner) => {
      const older = new Map<string, StoredKey>();
      return {
        get: async (keyId) => (await inner.get(keyId)) ?? older.get(keyId),
        async destroy(slot) {
          for await (const key of inner.list()) if (key.slot === slot && key.sequence === 1) older.set(key.keyId, key);
          return inner.destroy(slot);
        },
      };
    },
  },
  {
    id: "destroys-together",
    what: "leaves the work to whoever came first",
    make: (inner) => {
      const destroying = new Set<string>();
      return {
        async destroy(slot) {
          if (destroying.has(slot)) return [];
          destroying.add(slot);
          await new Promise((resolve) => setImmediate(resolve));
          return inner.destroy(slot);
        },
      };
    },
  },
  {
    id: "shares-no-buffer",
    what: "gives out its own buffer",
    make: (inner) => {
      const given = new Map<string, StoredKey | undefined>();
      return {
        async get(keyId) {
          if (!given.has(keyId)) given.set(keyId, await inner.get(keyId));
          return given.get(keyId);
        },
      };
    },
  },
];

describe("the cases of a key store", () => {
  test.each(wrong)("$id finds a store that $what", async ({ id, make }) => {
    const inner = memoryKeyStore();
    const store: KeyStore = { ...inner, ...make(inner) };
    const found = keyStoreCases.find((one) => one.id === id);
    await expect(found?.run(async () => store)).rejects.toThrow();
  });

  test("each find something", () => {
    expect([...new Set(wrong.map(({ id }) => id))].toSorted()).toEqual(keyStoreCases.map(({ id }) => id).toSorted());
  });
});

function changed(key: StoredKey | undefined, change: Partial<StoredKey>): StoredKey | undefined {
  return key && { ...key, ...change };
}

function fail(): never {
  throw new Error("there is no such key");
}

async function isLost(inner: KeyStore, [slot, blob]: Parameters<KeyStore["create"]>): Promise<{ key?: undefined }> {
  return (await inner.current(slot))?.keyId === inspect(blob).keyId ? {} : { key: undefined };
}
