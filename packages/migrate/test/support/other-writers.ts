import { randomBytes } from "node:crypto";
import { aroundKek, asStored, fromText, open, seal, toText } from "@letterlock/core";
import { expect } from "vitest";
import { isBalanced } from "../../src/books.ts";
import { run, type StoreSubject, verify } from "../../src/index.ts";
import { newKek } from "./keys.ts";
import { withOtherKeyId } from "./other-key-id.ts";

/** What another writer does to an object between its reading and its replacement, and how the object ends. */
const deeds = {
  edits: { class: "migrated", code: undefined },
  deletes: { class: "gone", code: undefined },
  "puts something foreign in the place of": { class: "foreign", code: undefined },
  "puts something damaged in the place of": { class: "quarantined", code: "not-authentic" },
  "moves by itself": { class: "already", code: undefined },
} as const;

/** An object for each deed: it is done while the data key of that object is wrapped for the target. Nothing that the other writer did is lost, and the books say what it was. */
export async function otherWriters(subject: StoreSubject): Promise<void> {
  const [old, target] = [newKek("old"), newKek("new")];
  const stored = (envelope: Uint8Array): Uint8Array =>
    subject.textOnly === true ? new Uint8Array(Buffer.from(toText(envelope))) : envelope;
  const names = Object.keys(deeds) as (keyof typeof deeds)[];
  const context = (name: string): Record<string, string> => ({ name });
  const byOthers = new Map<string, Uint8Array | undefined>();
  for (const name of names) await subject.put(name, stored(await seal(Buffer.from(name), [old], { context: context(name) })));
  const deed = async (name: keyof typeof deeds): Promise<void> => {
    const later = await seal(Buffer.from(`${name}, later`), [name === "moves by itself" ? target : old], { context: context(name) });
    const objects: Record<keyof typeof deeds, Uint8Array | undefined> = {
      edits: stored(later),
      deletes: undefined,
      "puts something foreign in the place of": new Uint8Array(Buffer.from(`foreign ${randomBytes(9).toString("base64url")}`)),
      "puts something damaged in the place of": stored(withOtherKeyId(later)),
      "moves by itself": stored(later),
    };
    const object = objects[name];
    byOthers.set(name, object);
    if (object === undefined) await subject.delete(name);
    else await subject.put(name, object);
  };
  const watched = aroundKek(target, async (_operation, _call, goOn) => await goOn());
  const interrupted: typeof watched = {
    ...watched,
    async wrap(dataKey, call) {
      const name = call.encryptionContext.name as keyof typeof deeds;
      if (!byOthers.has(name)) await deed(name);
      return await watched.wrap(dataKey, call);
    },
  };
  const ended = new Map<string, { readonly class: string; readonly code?: string | undefined }>();
  const books = await run(
    { store: subject.store, from: [old], to: [interrupted] },
    { concurrency: 1, onProgress: (event) => event.type === "object" && ended.set(event.outcome.id, event.outcome) },
  );
  expect(isBalanced(books)).toBe(true);
  expect(books.scanned).toBe(names.length);
  expect(books.ok).toBe(false);
  expect([...ended.values()].map((one) => `${one.class} ${one.code}`).sort()).toEqual(
    Object.values(deeds)
      .map((one) => `${one.class} ${one.code}`)
      .sort(),
  );
  for (const name of names) {
    const now = await subject.get(name);
    const object = byOthers.get(name);
    if (name !== "edits") {
      expect(now === undefined ? undefined : Buffer.from(now).toString("hex"), name).toBe(
        object === undefined ? undefined : Buffer.from(object).toString("hex"),
      );
      continue;
    }
    const envelope = subject.textOnly === true ? fromText(Buffer.from(now ?? []).toString()) : (now ?? new Uint8Array());
    expect(Buffer.from(await open(envelope, [target], { context: asStored() })).toString()).toBe("edits, later");
  }
  const verified = await verify({ store: subject.store, from: [old], to: [target] }, { accept: ["foreign", "quarantined"] });
  expect(verified.classes).toMatchObject({ already: 2, foreign: 1, quarantined: 1 });
}
