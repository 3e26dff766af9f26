import { fork } from "node:child_process";
import { createHash, randomBytes, randomInt } from "node:crypto";
import { link, mkdir, mkdtemp, readdir, rename, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "@letterlock/core";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { fileKeyStore, type KeyStore } from "../src/index.ts";
import { newBlob } from "./support/filing-process.ts";
import { collect } from "./support/rings.ts";

const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

let folder = "";
let store: KeyStore = fileKeyStore("none");
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "letterlock-file-store-"));
  running.defer(
    (
      (made) => () =>
        rm(made, { recursive: true })
    )(folder),
  );
  store = fileKeyStore(folder);
});

const seed = Number(process.env.LETTERLOCK_SEED ?? randomInt(2 ** 31));

describe("destroy", () => {
  test("finishes what another one left, of its own slot and of others", async () => {
    const [slot, other, kept] = [newSlot(), newSlot(), newSlot()];
    const keyIds = await filled(slot, 3);
    const otherIds = await filled(other, 2);
    const keptIds = await filled(kept, 1);
    await rename(join(folder, "slots", slot), join(folder, "destroyed-0011223344556677"));
    await rename(join(folder, "slots", other), join(folder, `destroyed-${other}-0011223344556677`));
    await rm(join(folder, "keys", keyIds[0] ?? ""), { recursive: true });
    await store.destroy(slot);
    for (const keyId of [...keyIds, ...otherIds]) expect(await store.get(keyId)).toBeUndefined();
    expect((await collect(store.list())).map(({ keyId }) => keyId)).toEqual(keptIds);
    expect((await readdir(folder)).sort()).toEqual(["keys", "slots"]);
  });

  test("resolves to the keys of its slot that another one left", async () => {
    const slot = newSlot();
    const keyIds = await filled(slot, 3);
    await rename(join(folder, "slots", slot), join(folder, `destroyed-${slot}-0011223344556677`));
    expect([...(await store.destroy(slot))].sort()).toEqual(keyIds.sort());
  });

  test("takes a key that has no place in its slot", async () => {
    const slot = newSlot();
    const [keyId = ""] = await filled(slot, 1);
    await rm(join(folder, "slots", slot), { recursive: true });
    expect(await store.destroy(slot)).toEqual([keyId]);
    expect(await store.get(keyId)).toBeUndefined();
  });

  test("does not resolve before the keys are gone, while another process destroys them", async () => {
    for (let round = 0; round < 10; round++) {
      const slot = newSlot();
      const keyIds = await filled(slot, 8);
      const left = await Promise.all(
        [store, fileKeyStore(folder), fileKeyStore(folder)].map(async (client) => {
          await client.destroy(slot);
          return (await Promise.all(keyIds.map((keyId) => client.get(keyId)))).filter((key) => key !== undefined).length;
        }),
      );
      expect(left).toEqual([0, 0, 0]);
    }
  });

  test(`destroys everything after it was killed, whenever that was (seed ${seed})`, { timeout: 60_000 }, async () => {
    for (let round = 0; round < 6; round++) {
      const [slot, kept] = [newSlot(), newSlot()];
      const keyIds = await filled(slot, 12);
      const keptIds = await filled(kept, 1);
      await killed("destroy", [slot], randomOf(round) * 6);
      await store.destroy(slot);
      for (const keyId of keyIds) expect(await store.get(keyId)).toBeUndefined();
      expect(await store.get(keptIds[0] ?? "")).toBeDefined();
      expect((await readdir(folder)).sort()).toEqual(["keys", "slots"]);
    }
  });

  test(`reaches what a killed process was creating (seed ${seed})`, { timeout: 60_000 }, async () => {
    const slots = [newSlot(), newSlot()];
    for (let round = 0; round < 6; round++) {
      await killed("create", slots, 5 + randomOf(100 + round) * 60);
      for (const slot of slots) {
        const { keyId } = (await store.current(slot)) ?? {};
        expect((await store.create(slot, await newBlob(), keyId)).created).toBe(true);
      }
      for (const slot of slots) await store.destroy(slot);
      expect(await readdir(join(folder, "keys"))).toEqual([]);
    }
    for (const name of await readdir(folder)) await aged(name);
    await filled(newSlot(), 1);
    expect((await readdir(folder)).sort()).toEqual(["keys", "slots"]);
  });
});

describe("list", () => {
  test.each([
    ["cut off", '{"slot":"abc","seq'],
    ["empty", ""],
    ["of another shape", "[]"],
    ["with a blob that is no base64url", `{"slot":"${"a".repeat(43)}","sequence":1,"createdAt":1,"blob":"*"}`],
  ])("gives an empty blob for a key file that is %s, and goes on", async (_what, text) => {
    const keyIds = (await Promise.all([newSlot(), newSlot(), newSlot()].map((slot) => filled(slot, 1)))).flat().sort();
    const [, damaged = ""] = keyIds;
    await writeFile(join(folder, "keys", damaged, "000000000001"), text);
    const listed = await collect(store.list());
    expect(listed.map(({ keyId }) => keyId)).toEqual(keyIds);
    expect(listed.map(({ blob }) => blob.length === 0)).toEqual([false, true, false]);
    await expect(store.get(damaged)).rejects.toMatchObject({ code: "malformed" });
  });

  test("skips what is no key", async () => {
    const [keyId = ""] = await filled(newSlot(), 1);
    await writeFile(join(folder, "keys", ".DS_Store"), "x");
    await writeFile(join(folder, "keys", keyId, ".DS_Store"), "x");
    await writeFile(join(folder, "keys", keyId, "~"), "x");
    await writeFile(join(folder, "keys", "a".repeat(43)), "x");
    await mkdir(join(folder, "keys", "b".repeat(43)));
    expect((await collect(store.list())).map((key) => [key.keyId, key.blob.length > 0])).toEqual([[keyId, true]]);
  });
});

describe("create", () => {
  test("does not touch a key that is there already", async () => {
    const [slot, other] = [newSlot(), newSlot()];
    const blob = await newBlob();
    await store.create(slot, blob, undefined);
    expect(await store.create(other, blob, undefined)).toEqual({ created: false, key: undefined });
    expect((await store.get(inspect(blob).keyId))?.slot).toBe(slot);
    expect((await readdir(folder)).sort()).toEqual(["keys", "slots"]);
  });

  test("goes on after a place whose key is gone", async () => {
    const slot = newSlot();
    const [first = "", second = ""] = await filled(slot, 2);
    await rm(join(folder, "keys", second), { recursive: true });
    expect((await store.current(slot))?.keyId).toBe(first);
    expect(await store.create(slot, await newBlob(), first)).toMatchObject({ created: true, key: { sequence: 3 } });
  });

  test("takes away what killed processes left an hour ago, and nothing younger", async () => {
    const slot = newSlot();
    const [keyId = ""] = await filled(slot, 1);
    const [complete = ""] = await filled(newSlot(), 1);
    const [orphan = ""] = await filled(newSlot(), 1);
    const file = (id: string, version = 1) => join(folder, "keys", id, String(version).padStart(12, "0"));
    for (const name of await readdir(join(folder, "slots"))) {
      const { slot: own } = (await store.get(orphan)) ?? {};
      if (name === own) await rm(join(folder, "slots", name), { recursive: true });
    }
    await link(file(complete), join(folder, `creating-${complete}`));
    await link(file(orphan), join(folder, `creating-${orphan}`));
    await writeFile(join(folder, "draft-old"), "");
    await link(file(keyId), file(keyId, 2));
    await writeFile(join(folder, `replacing-${keyId}-00`), "");
    const before = (await readdir(folder)).sort();
    await filled(slot, 1, keyId);
    expect((await readdir(folder)).sort()).toEqual(before);
    for (const name of before) await aged(name);
    await writeFile(join(folder, "draft-new"), "");
    await filled(newSlot(), 1);
    expect((await readdir(folder)).sort()).toEqual(["draft-new", "keys", "slots"]);
    expect(await readdir(join(folder, "keys", keyId))).toEqual(["000000000002"]);
    expect(await store.get(orphan)).toBeUndefined();
    expect(await store.get(complete)).toBeDefined();
  });

  test("takes no damaged key away: it may be in use", async () => {
    const [keyId = ""] = await filled(newSlot(), 1);
    await writeFile(join(folder, "keys", keyId, "000000000001"), "");
    await writeFile(join(folder, `creating-${keyId}`), "");
    await aged(`creating-${keyId}`);
    await filled(newSlot(), 1);
    expect((await readdir(folder)).sort()).toEqual(["keys", "slots"]);
    expect(await readdir(join(folder, "keys"))).toContain(keyId);
  });
});

function newSlot(): string {
  return createHash("sha256").update(randomBytes(16)).digest("base64url");
}

async function filled(slot: string, count: number, after?: string): Promise<string[]> {
  const keyIds: string[] = [];
  for (let last = after; keyIds.length < count; ) {
    const created = await store.create(slot, await newBlob(), last);
    expect(created.created).toBe(true);
    last = created.key?.keyId ?? "";
    keyIds.push(last);
  }
  return keyIds;
}

async function aged(name: string): Promise<void> {
  if (name !== "keys" && name !== "slots") await utimes(join(folder, name), new Date(), new Date(Date.now() - 3_700_000));
}

/** The same for the same seed. */
function randomOf(round: number): number {
  return createHash("sha256").update(`${seed} ${round}`).digest().readUInt32BE() / 2 ** 32;
}

/** Lets a process work for so long at most, and kills it. */
async function killed(work: "create" | "destroy", slots: readonly string[], afterMs: number): Promise<void> {
  const execArgv = ["--conditions=source", "--disable-warning=ExperimentalWarning"];
  const child = fork(join(import.meta.dirname, "support", "filing-process.ts"), [folder, work, ...slots], { execArgv });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  await new Promise<void>((resolve, reject) => {
    child.once("message", () => resolve());
    child.once("exit", (code) => reject(new Error(`a process ended with ${code}`)));
  });
  child.send("go");
  const timer = setTimeout(() => child.kill("SIGKILL"), afterMs);
  await ended;
  clearTimeout(timer);
}
