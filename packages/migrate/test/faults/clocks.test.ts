import { mkdir, mkdtemp, readdir, rm, stat, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { aroundKek, asStored, open, seal, toText } from "@letterlock/core";
import { afterAll, afterEach, describe, expect, test, vi } from "vitest";
import { type EnvelopeStore, fileStore, ndjsonStore, run } from "../../src/index.ts";
import { everything } from "../../src/store-case-objects.ts";
import { withWriterLock } from "../../src/writer-lock.ts";
import { seeded } from "../campaign/seeded.ts";
import { faultyKek, newKek } from "../support/keys.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());
afterEach(() => void vi.useRealTimers());

const seed = Number(process.env.LETTERLOCK_SEED ?? Date.now() % 1_000_000_000);
console.log(`seed of the clocks: ${seed}`);

const year = 365 * 86_400_000;
const realNow = Date.now.bind(Date);

/** The wall clock of this process, as somebody sets it. Timers and the monotonic clock go on. */
function setClock(offsetMs: number): void {
  vi.useFakeTimers({ toFake: ["Date"], now: realNow() + offsetMs });
}

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-clocks-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe("the lock of writers", () => {
  const staleMs = 2_000;

  test.each([year, -year])("is not taken from one who lives, when the clock jumps by %d ms", async (jump) => {
    const path = join(await newFolder(), "lock");
    let isHeld = false;
    const first = withWriterLock(
      path,
      async (stillHeld) => {
        isHeld = true;
        setClock(jump);
        // Longer than a lock without life is respected: it is renewed meanwhile.
        await wait(2 * staleMs);
        stillHeld();
        isHeld = false;
      },
      { staleMs },
    );
    while (!isHeld) await wait(1);
    await withWriterLock(path, async () => expect(isHeld).toBe(false), { staleMs });
    await first;
    expect(await readdir(join(path, ".."))).toEqual([]);
  });

  test.each([year, -year, 0])("of a dead one is taken over after it was watched, also when its time is %d ms from now", async (age) => {
    const path = join(await newFolder(), "lock");
    await mkdir(path);
    await utimes(path, new Date(realNow() + age), new Date(realNow() + age));
    const began = performance.now();
    await withWriterLock(path, async (stillHeld) => stillHeld(), { staleMs });
    expect(performance.now() - began).toBeGreaterThanOrEqual(staleMs);
    expect(performance.now() - began).toBeLessThan(10 * staleMs);
  });

  test("tells its holder when another has it, also a moment after", async () => {
    const path = join(await newFolder(), "lock");
    await withWriterLock(
      path,
      async (stillHeld) => {
        stillHeld();
        await rm(path, { recursive: true });
        expect(stillHeld).toThrow("has taken the lock");
        await mkdir(path);
        expect(stillHeld).toThrow("has taken the lock");
      },
      { staleMs },
    );
  });

  test("is one for each file, also of two in one folder and one process", async () => {
    const folder = await newFolder();
    const inside: string[] = [];
    const hold = (name: string, others: Promise<void>): Promise<void> =>
      withWriterLock(join(folder, name), async (stillHeld) => {
        inside.push(name);
        await others;
        stillHeld();
      });
    const second = Promise.withResolvers<void>();
    const first = hold("a", second.promise);
    while (inside.length < 1) await wait(1);
    await hold("b", Promise.resolve());
    expect(await readdir(folder)).toEqual(["a"]);
    second.resolve();
    await first;
    expect(await readdir(folder)).toEqual([]);
  });
});

const kinds: Record<string, (folder: string) => EnvelopeStore> = {
  files: (folder) => fileStore({ folder, include: (id) => id !== "lines" }),
  lines: (folder) => ndjsonStore({ file: join(folder, "lines"), fields: ["ssn"] }),
};

async function filled(kind: string, count: number): Promise<EnvelopeStore> {
  const folder = await newFolder();
  const objects = await Promise.all(Array.from({ length: count }, (_, i) => seal(Buffer.from(`object ${i}`), [old])));
  if (kind === "files") for (const [i, object] of objects.entries()) await writeFile(join(folder, String(i).padStart(3, "0")), object);
  else await writeFile(join(folder, "lines"), objects.map((object) => `${JSON.stringify({ ssn: toText(object) })}\n`).join(""));
  return (kinds[kind] as (folder: string) => EnvelopeStore)(folder);
}

const [old, target] = [newKek("old"), newKek("new")];

async function expectMoved(store: EnvelopeStore, count: number): Promise<void> {
  const texts: string[] = [];
  for await (const { read } of everything(store)) {
    const bytes = Buffer.from(await read());
    const object = bytes.toString("latin1", 0, 4) === "ltrl" ? new Uint8Array(Buffer.from(bytes.toString(), "base64url")) : bytes;
    texts.push(Buffer.from(await open(object, [target], { context: asStored() })).toString());
  }
  expect(texts.sort()).toEqual(Array.from({ length: count }, (_, i) => `object ${i}`).sort());
}

describe.each(Object.keys(kinds))("a migration of %s", (kind) => {
  test("goes through while the clock jumps by minutes and years, and a provider throttles", async () => {
    const random = seeded(seed);
    const store = await filled(kind, 40);
    const jumping = aroundKek(target, async (_operation, _call, goOn) => {
      // No jump is as long as a draft may lie: what that does is below.
      setClock((random() < 0.5 ? 1 : -1) * random() * (random() < 0.5 ? 3_000_000 : 0) - Math.floor(random() * 50) * year);
      return await goOn();
    });
    let calls = 0;
    const throttling = faultyKek(jumping, () => (++calls % 7 === 0 ? "throttled" : undefined));
    const began = performance.now();
    const books = await run({ store, from: [old], to: [throttling] }, { patience: { attempts: 8, firstPauseMs: 1 } });
    expect(books).toMatchObject({ ok: true, scanned: 40, classes: { migrated: 40 } });
    // A pause that waited for the wall clock would wait for years, or not at all.
    expect(performance.now() - began).toBeLessThan(30_000);
    vi.useRealTimers();
    await expectMoved(store, 40);
  });

  test("loses nothing where the clock jumps forward while drafts lie beside their files, which a scan may take for old ones", async () => {
    const store = await filled(kind, 40);
    let jumps = 0;
    const jumping = aroundKek(target, async (_operation, _call, goOn) => {
      setClock(++jumps * 2 * 3_600_000);
      return await goOn();
    });
    const books = await run({ store, from: [old], to: [jumping] }, { concurrency: 8 });
    expect(books.classes.migrated + books.classes.failed).toBe(40);
    vi.useRealTimers();
    expect(await run({ store, from: [old], to: [target] })).toMatchObject({ ok: true });
    await expectMoved(store, 40);
  });
});

test.each(Object.keys(kinds))(
  "a scan of %s takes a draft for old by the wall clock: one that jumped by hours may take a young one",
  async (kind) => {
    const folder = await newFolder();
    await writeFile(join(folder, "lines"), "");
    const draft = join(folder, ".letterlock-draft-young");
    await writeFile(draft, "young");
    const store = (kinds[kind] as (folder: string) => EnvelopeStore)(folder);
    setClock(-year);
    for await (const _ of everything(store)) expect.unreachable();
    expect((await stat(draft)).isFile()).toBe(true);
    setClock(2 * 3_600_000);
    for await (const _ of everything(store)) expect.unreachable();
    expect(await readdir(folder)).toEqual(["lines"]);
  },
);
