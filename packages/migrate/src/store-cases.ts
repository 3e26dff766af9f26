import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { anObject, everything, found, idsOf, oddNames, sameBytes } from "./store-case-objects.ts";
import { replaceCases } from "./store-cases-replace.ts";
import type { StoreCase } from "./store-subject.ts";

const scanCases: readonly StoreCase[] = [
  {
    id: "empty",
    title: "has a partition and no object when it is empty",
    async run({ store }) {
      ok((await store.partitions(1)).length >= 1);
      ok((await store.partitions(7)).length >= 1);
      deepStrictEqual(await idsOf(store), []);
      deepStrictEqual(await idsOf(store, 7), []);
      notStrictEqual(store.description, "");
    },
  },
  {
    id: "lists",
    title: "lists every object once, however many partitions there are",
    async run(subject) {
      const ids: string[] = [];
      for (let i = 0; i < 230; i++) ids.push(await subject.put(`object ${i}`, anObject(subject)));
      strictEqual(new Set(ids).size, ids.length);
      for (const parts of [1, 2, 5]) deepStrictEqual((await idsOf(subject.store, parts)).sort(), [...ids].sort());
      const [first, again] = [await subject.store.partitions(4), await (await subject.another()).partitions(4)];
      deepStrictEqual([...again], [...first], "partitions are not stable");
    },
  },
  {
    id: "partitions",
    title: "keeps its partitions apart and together everything, while objects come and go and in every later process",
    async run(subject) {
      const queued = new Map([["of an empty store", await subject.store.partitions(3)]]);
      const ids = new Map<string, string>();
      const put = async (name: string) => void ids.set(name, await subject.put(name, anObject(subject)));
      for (let i = 10; i < 50; i++) await put(`object ${i}`);
      for (const parts of [1, 2, 7, 100]) queued.set(`of ${parts}`, await subject.store.partitions(parts));
      for (const name of ["object 10", "object 23", "object 49"]) {
        await subject.delete(name);
        ids.delete(name);
      }
      for (const name of ["0", "Aaa", "object 2", "object 230", "object 5", "zzz"]) await put(name);
      for (const [which, partitions] of queued) {
        const seen: string[] = [];
        for (const partition of JSON.parse(JSON.stringify(partitions)) as string[])
          for await (const { id } of (await subject.another()).scan(partition, {})) seen.push(id);
        deepStrictEqual(seen.sort(), [...ids.values()].sort(), `the partitions ${which} are not everything once`);
      }
    },
  },
  {
    id: "reads",
    title: "reads what was written, whole and from the start, and tells its size",
    async run(subject) {
      const object = anObject(subject, 5000);
      const id = await subject.put("one", object);
      const { size, read, readHead } = await found(subject.store, id);
      strictEqual(size, object.length);
      sameBytes(await read(), object);
      sameBytes(await readHead(100), object.subarray(0, 100));
      sameBytes(await readHead(1_000_000), object);
    },
  },
  {
    id: "resumes",
    title: "goes on after the cursor of any object, also of one that has gone",
    async run(subject) {
      for (let i = 0; i < 12; i++) await subject.put(`object ${i}`, anObject(subject));
      let listed = 0;
      for (const partition of await subject.store.partitions(2)) {
        const seen: { readonly id: string; readonly cursor: string }[] = [];
        for await (const { id, cursor } of subject.store.scan(partition, {})) seen.push({ id, cursor });
        listed += seen.length;
        for (const [i, { cursor }] of seen.entries()) {
          const rest: string[] = [];
          for await (const { id } of (await subject.another()).scan(partition, { after: cursor })) rest.push(id);
          deepStrictEqual(
            rest,
            seen.slice(i + 1).map(({ id }) => id),
          );
        }
      }
      strictEqual(listed, 12);
      const [partition] = await subject.store.partitions(1);
      const all: { readonly id: string; readonly cursor: string }[] = [];
      for await (const { id, cursor } of subject.store.scan(partition ?? "", {})) all.push({ id, cursor });
      const names = new Map<string, string>();
      for (let i = 0; i < 12; i++) names.set(await subject.put(`object ${i}`, anObject(subject)), `object ${i}`);
      await subject.delete(names.get(all[5]?.id ?? "") ?? "");
      const rest: string[] = [];
      for await (const { id } of subject.store.scan(partition ?? "", { after: all[5]?.cursor })) rest.push(id);
      // What came before may come again where the store was changed.
      for (const { id } of all.slice(6)) strictEqual(rest.filter((one) => one === id).length, 1, `${id} was not listed after the cursor`);
    },
  },
  {
    id: "lists-while-written",
    title: "lists what exists during the whole scan once, whatever is written, added and deleted meanwhile",
    async run(subject) {
      const staying: string[] = [];
      const leaving: string[] = [];
      for (let i = 0; i < 30; i++) {
        staying.push(await subject.put(`staying ${i}`, anObject(subject)));
        leaving.push(`leaving ${i}`);
        await subject.put(`leaving ${i}`, anObject(subject));
      }
      const other = await subject.another();
      const seen: string[] = [];
      let step = 0;
      for await (const { id, version } of everything(subject.store)) {
        seen.push(id);
        const gone = leaving.pop();
        if (gone !== undefined) await subject.delete(gone);
        if (step < 30) {
          await subject.put(`coming ${step}`, anObject(subject));
          await subject.put(`staying ${29 - step}`, anObject(subject));
        }
        await other.replace(id, version, anObject(subject));
        step += 1;
      }
      for (const id of staying) strictEqual(seen.filter((one) => one === id).length, 1, `${id} was not listed once`);
      strictEqual(new Set(seen).size, seen.length, "an object was listed twice");
    },
  },
  {
    id: "stops",
    title: "stops a scan with the reason of the signal",
    async run(subject) {
      for (let i = 0; i < 3; i++) await subject.put(`object ${i}`, anObject(subject));
      const [partition] = await subject.store.partitions(1);
      const controller = new AbortController();
      const reason = new Error("enough");
      await rejects(
        async () => {
          for await (const _ of subject.store.scan(partition ?? "", { signal: controller.signal })) controller.abort(reason);
        },
        (error) => error === reason,
      );
    },
  },
  {
    id: "unreadable",
    title: "rejects where it may not read, and does not take what it cannot see for nothing",
    async run(subject) {
      if (subject.forbidReading === undefined) return;
      const object = anObject(subject);
      const id = await subject.put("one", object);
      const permit = await subject.forbidReading();
      try {
        await rejects(async () => {
          for await (const { read } of everything(subject.store)) await read();
        }, "a scan that sees nothing ended well");
      } finally {
        await permit();
      }
      sameBytes(await (await found(subject.store, id)).read(), object, "it does not recover");
    },
  },
  {
    id: "odd-names",
    title: "keeps objects of odd names apart, and finds each again",
    async run(subject) {
      const { refusesName = () => false } = subject;
      const objects = new Map<string, { readonly name: string; readonly object: Uint8Array }>();
      for (const name of oddNames.filter((one) => !refusesName(one))) {
        const object = anObject(subject);
        objects.set(await subject.put(name, object), { name, object });
      }
      strictEqual(objects.size, oddNames.filter((one) => !refusesName(one)).length, "two names have one id");
      deepStrictEqual((await idsOf(subject.store, 3)).sort(), [...objects.keys()].sort());
      for await (const { id, version, read } of everything(subject.store)) {
        const { name = "", object } = objects.get(id) ?? {};
        sameBytes(await read(), object ?? new Uint8Array(), `another object under ${JSON.stringify(name)}`);
        const next = anObject(subject);
        strictEqual(await subject.store.replace(id, version, next), "replaced", JSON.stringify(name));
        sameBytes(await subject.get(name), next, `nothing was written under ${JSON.stringify(name)}`);
      }
    },
  },
];

/** The contract of `EnvelopeStore`, for any test runner. Each case is given an empty store. */
export const storeCases: readonly StoreCase[] = [...scanCases, ...replaceCases];
