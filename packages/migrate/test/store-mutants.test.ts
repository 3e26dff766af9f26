import { expect, test } from "vitest";
import { type EnvelopeStore, type MemoryStore, memoryStore, type StoredObject, type StoreSubject, storeCases } from "../src/index.ts";

type Wrong = (memory: MemoryStore) => Partial<EnvelopeStore> & { readonly leftovers?: () => Promise<string[]> };

/** Changes what a scan yields. */
const scanning =
  (change: (objects: AsyncIterable<StoredObject>, memory: MemoryStore) => AsyncIterable<StoredObject>): Wrong =>
  (memory) => ({ scan: (partition, options) => change(memory.scan(partition, options), memory) });
const each = (change: (object: StoredObject) => StoredObject): Wrong =>
  scanning(async function* (objects) {
    for await (const object of objects) yield change(object);
  });
const current = async (memory: MemoryStore, id: string): Promise<string> => {
  for await (const object of memory.scan("0/1", {})) if (object.id === id) return object.version;
  return "";
};

/** Stores that are wrong in one way each, and the case that must tell. */
const mutants: Readonly<Record<string, readonly [caught: string, wrong: Wrong]>> = {
  "does not compare": [
    "conflicts",
    (memory) => ({ replace: async (id, _expected, object) => memory.replace(id, await current(memory, id), object) }),
  ],
  "lets everybody win a race": [
    "races",
    (memory) => ({
      replace: async (id, expected, object) => {
        const seen = await current(memory, id);
        if (seen !== expected) return seen === "" ? "gone" : "conflict";
        await Promise.resolve();
        memory.put(id, object);
        return "replaced";
      },
    }),
  ],
  "makes what was deleted again": [
    "gone",
    (memory) => ({
      replace: async (id, expected, object) => {
        if (memory.get(id) === undefined) memory.put(id, object);
        return await memory.replace(id, expected, object);
      },
    }),
  ],
  "takes gone for a conflict": [
    "gone",
    (memory) => ({
      replace: async (...change) => ((await memory.replace(...change)) === "gone" ? "conflict" : await memory.replace(...change)),
    }),
  ],
  "does not write": ["replaces", () => ({ replace: async () => "replaced" })],
  "leaves a draft behind": ["replaces", () => ({ leftovers: async () => ["draft"] })],
  "swallows that it may not write": [
    "forbidden",
    (memory) => ({ replace: async (...change) => memory.replace(...change).catch(() => "conflict") }),
  ],
  "lists nothing where it may not read": [
    "unreadable",
    (memory) => ({
      async *scan(partition, options) {
        try {
          yield* memory.scan(partition, options);
        } catch {}
      },
    }),
  ],
  "has no partition when it is empty": [
    "empty",
    (memory) => ({ partitions: async (target) => (memory.ids().length === 0 ? [] : await memory.partitions(target)) }),
  ],
  "has partitions that overlap": ["lists", () => ({ partitions: async (target) => Array.from({ length: target }, () => "0/1") })],
  "ends its last partition at what is the last object when it is cut": [
    "partitions",
    (memory) => ({
      partitions: async () => [memory.ids().at(-1) ?? "\uffff"],
      async *scan(partition) {
        for await (const object of memory.scan("0/1", {})) if (object.id <= partition) yield object;
      },
    }),
  ],
  "cuts anew in every process": [
    "partitions",
    (memory) => ({
      async *scan(partition) {
        const [part = 0, parts = 1] = partition.split("/").map(Number);
        const share = Math.ceil(memory.ids().length / parts);
        let place = 0;
        for await (const object of memory.scan("0/1", {}))
          if (Math.floor(place++ / share) === part || (parts > 1 && object.id === "zzz")) yield object;
      },
    }),
  ],
  "leaves the last object out": [
    "lists",
    scanning(async function* (objects, memory) {
      for await (const object of objects) if (object.id !== memory.ids().at(-1)) yield object;
    }),
  ],
  "pages by an offset": [
    "lists-while-written",
    (memory) => ({
      async *scan(partition) {
        for (let offset = 0; ; offset++) {
          let i = 0;
          let found: StoredObject | undefined;
          for await (const object of memory.scan(partition, {})) if (i++ === offset) found = object;
          if (found === undefined) return;
          yield found;
        }
      },
    }),
  ],
  "does not go on after a cursor": ["resumes", (memory) => ({ scan: (partition) => memory.scan(partition, {}) })],
  "ends where the cursor's object has gone": [
    "resumes",
    (memory) => ({
      scan: (partition, { after }) =>
        memory.scan(partition, after !== undefined && memory.get(after) === undefined ? { after: "\uffff" } : { after }),
    }),
  ],
  "does not stop": ["stops", (memory) => ({ scan: (partition, { after }) => memory.scan(partition, { after }) })],
  "tells another size": ["reads", each((object) => ({ ...object, size: object.size + 1 }))],
  "reads a head that is too short": ["reads", each((object) => ({ ...object, readHead: async (bytes) => object.readHead(bytes - 1) }))],
  "cuts huge objects": ["huge", each((object) => ({ ...object, read: async () => (await object.read()).slice(0, 1_000_000) }))],
  "takes names with other spaces for the same": [
    "odd-names",
    (memory) => ({ replace: async (id, expected, object) => memory.replace(id.trim() === "" ? "with spaces " : id, expected, object) }),
  ],
  "ignores how much a head replaces": [
    "heads",
    (memory) => ({
      replaceHead: async (id, expected, head) => memory.replaceHead?.(id, expected, { ...head, replaces: head.bytes.length }) ?? "gone",
    }),
  ],
  "takes an object out when it is read": [
    "crashes",
    scanning(async function* (objects, memory) {
      for await (const object of objects) {
        const bytes = await object.read();
        const read = async () => {
          memory.delete(object.id);
          return bytes;
        };
        yield { ...object, read };
      }
    }),
  ],
  "shares a buffer": [
    "shares-no-buffer",
    (memory) => {
      const shared = new Map<string, Uint8Array>();
      return {
        scan: (partition, options) =>
          each((object) => ({
            ...object,
            read: async () =>
              shared.get(object.version) ?? (shared.set(object.version, await object.read()).get(object.version) as Uint8Array),
          }))(memory).scan?.(partition, options) ?? memory.scan(partition, options),
      };
    },
  ],
};

function subjectOf(wrong: Wrong): StoreSubject {
  const memory = memoryStore();
  let [isForbidden, isUnreadable] = [false, false];
  const guarded: MemoryStore = {
    ...memory,
    async *scan(partition, options) {
      if (isUnreadable) throw new Error("not permitted");
      yield* memory.scan(partition, options);
    },
    replace: async (...change) => {
      if (isForbidden) throw new Error("not permitted");
      return await memory.replace(...change);
    },
  };
  const { leftovers = async () => [], ...members } = wrong(guarded);
  const store: EnvelopeStore = { ...guarded, ...members };
  return {
    ...{ store, another: async () => store, leftovers, hugeBytes: 2_000_000 },
    put: async (name, object) => {
      memory.put(name, object);
      return name;
    },
    delete: async (name) => memory.delete(name),
    get: async (name) => memory.get(name),
    forbid: async () => {
      isForbidden = true;
      return async () => {
        isForbidden = false;
      };
    },
    forbidReading: async () => {
      isUnreadable = true;
      return async () => {
        isUnreadable = false;
      };
    },
  };
}

test.each(Object.entries(mutants))("a store that %s is caught", async (_, [caught, wrong]) => {
  const judge = storeCases.find(({ id }) => id === caught);
  await expect(judge?.run(subjectOf(wrong))).rejects.toThrow(/./);
});

test("every case catches one of them, and none catches a store that is right", { timeout: 30_000 }, async () => {
  expect([...new Set(Object.values(mutants).map(([caught]) => caught))].sort()).toEqual(storeCases.map(({ id }) => id).sort());
  for (const { run } of storeCases) await run(subjectOf(() => ({})));
});
