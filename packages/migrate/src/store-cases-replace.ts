import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import type { EnvelopeStore, NewHead, Replaced } from "./envelope-store.ts";
import { anObject, found, idsOf, sameBytes } from "./store-case-objects.ts";
import type { StoreCase, StoreSubject } from "./store-subject.ts";

export const replaceCases: readonly StoreCase[] = [
  {
    id: "replaces",
    title: "replaces what was read, for everybody, and gives it another version",
    async run(subject) {
      const id = await subject.put("one", anObject(subject));
      const kept = anObject(subject);
      await subject.put("two", kept);
      const next = anObject(subject, 3000);
      const { version } = await found(subject.store, id);
      strictEqual(await subject.store.replace(id, version, next), "replaced");
      sameBytes(await subject.get("one"), next);
      const seen = await found(await subject.another(), id);
      sameBytes(await seen.read(), next);
      notStrictEqual(seen.version, version);
      sameBytes(await subject.get("two"), kept, "another object changed");
      deepStrictEqual(await leftoversOf(subject), []);
    },
  },
  {
    id: "conflicts",
    title: "leaves what somebody changed since it was read",
    async run(subject) {
      const id = await subject.put("one", anObject(subject));
      const { version } = await found(subject.store, id);
      const his = anObject(subject);
      await subject.put("one", his);
      strictEqual(await subject.store.replace(id, version, anObject(subject)), "conflict");
      sameBytes(await subject.get("one"), his);
      strictEqual(await subject.store.replace(id, (await found(subject.store, id)).version, anObject(subject)), "replaced");
      strictEqual(await subject.store.replace(id, version, anObject(subject)), "conflict");
      deepStrictEqual(await leftoversOf(subject), []);
    },
  },
  {
    id: "gone",
    title: "says that what was deleted is gone, and does not make it again",
    async run(subject) {
      const id = await subject.put("one", anObject(subject));
      const { version } = await found(subject.store, id);
      await subject.delete("one");
      strictEqual(await subject.store.replace(id, version, anObject(subject)), "gone");
      strictEqual(await subject.get("one"), undefined);
      deepStrictEqual(await idsOf(subject.store), []);
      deepStrictEqual(await leftoversOf(subject), []);
    },
  },
  {
    id: "races",
    title: "lets one of many win that replace the same version at once",
    async run(subject) {
      const clients = [subject.store, await subject.another(), await subject.another()];
      for (let round = 0; round < 5; round++) {
        const id = await subject.put(`object ${round}`, anObject(subject));
        const { version } = await found(subject.store, id);
        const objects = Array.from({ length: 9 }, () => anObject(subject));
        const results = await Promise.all(objects.map((object, i) => (clients[i % 3] as EnvelopeStore).replace(id, version, object)));
        strictEqual(results.filter((result) => result === "replaced").length, 1);
        strictEqual(results.filter((result) => result === "conflict").length, 8);
        sameBytes(await subject.get(`object ${round}`), objects[results.indexOf("replaced")] as Uint8Array);
      }
    },
  },
  {
    id: "crashes",
    title: "has lost nothing when a client leaves between reading and replacing",
    async run(subject) {
      const objects = new Map<string, Uint8Array>();
      for (let i = 0; i < 10; i++) {
        const object = anObject(subject);
        objects.set(await subject.put(`object ${i}`, object), object);
      }
      const leaving = await subject.another();
      const [partition] = await leaving.partitions(1);
      for await (const { read } of leaving.scan(partition ?? "", {})) {
        await read();
        break;
      }
      for (const [id, object] of objects) sameBytes(await (await found(subject.store, id)).read(), object);
      deepStrictEqual((await idsOf(subject.store)).sort(), [...objects.keys()].sort());
    },
  },
  {
    id: "huge",
    title: "reads the head of a huge object and replaces it",
    async run(subject) {
      const { hugeBytes = 20 * 1024 * 1024 } = subject;
      const huge = anObject(subject, hugeBytes);
      const id = await subject.put("huge", huge);
      const object = await found(subject.store, id);
      strictEqual(object.size, huge.length);
      sameBytes(await object.readHead(1000), huge.subarray(0, 1000));
      sameBytes(await object.read(), huge);
      const next = anObject(subject, hugeBytes + 1000);
      strictEqual(await subject.store.replace(id, object.version, next), "replaced");
      sameBytes(await subject.get("huge"), next);
    },
  },
  {
    id: "heads",
    title: "puts a new head before the same payload by the same comparison, if it can do that at all",
    async run(subject) {
      if (subject.store.replaceHead === undefined) return;
      const { hugeBytes = 20 * 1024 * 1024 } = subject;
      for (const [bytes, replaces, by] of [
        [hugeBytes, 1000, 1300],
        [hugeBytes, 60_000, 500],
        [5000, 100, 200],
      ] as const) {
        const object = anObject(subject, bytes);
        const head = anObject(subject, by);
        const id = await subject.put("one", object);
        const { version } = await found(subject.store, id);
        strictEqual(await replaceHead(subject, id, version, { bytes: head, replaces }), "replaced");
        sameBytes(await subject.get("one"), Buffer.concat([head, object.subarray(replaces)]));
        const before = await subject.get("one");
        strictEqual(await replaceHead(subject, id, version, { bytes: head, replaces }), "conflict");
        sameBytes(await subject.get("one"), before ?? new Uint8Array());
      }
      const id = await subject.put("one", anObject(subject, hugeBytes));
      const { version } = await found(subject.store, id);
      await subject.delete("one");
      strictEqual(await replaceHead(subject, id, version, { bytes: anObject(subject), replaces: 100 }), "gone");
      deepStrictEqual(await leftoversOf(subject), []);
    },
  },
  {
    id: "forbidden",
    title: "rejects where it may not write, and leaves the object as it was",
    async run(subject) {
      const object = anObject(subject);
      const id = await subject.put("one", object);
      const { version } = await found(subject.store, id);
      const permit = await subject.forbid();
      try {
        await rejects(() => subject.store.replace(id, version, anObject(subject)));
      } finally {
        await permit();
      }
      sameBytes(await subject.get("one"), object);
      deepStrictEqual(await leftoversOf(subject), []);
      strictEqual(await subject.store.replace(id, version, anObject(subject)), "replaced", "it does not recover");
    },
  },
  {
    id: "shares-no-buffer",
    title: "gives buffers that the caller may change",
    async run(subject) {
      const object = anObject(subject);
      const id = await subject.put("one", object);
      const seen = await found(subject.store, id);
      (await seen.read()).fill(0);
      sameBytes(await subject.get("one"), object);
      sameBytes(await (await found(subject.store, id)).read(), object);
      ok(seen.version !== "");
    },
  },
];

async function replaceHead({ store }: StoreSubject, id: string, expected: string, head: NewHead): Promise<Replaced | undefined> {
  return await store.replaceHead?.(id, expected, head);
}

async function leftoversOf(subject: StoreSubject): Promise<string[]> {
  return [...((await subject.leftovers?.()) ?? [])];
}
