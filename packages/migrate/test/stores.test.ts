import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Disk, realDisk } from "../src/disk.ts";
import { fileStoreWith } from "../src/file-store.ts";
import { type EnvelopeStore, fileStore, memoryStore } from "../src/index.ts";
import { forbidReading, forbidWriting } from "./support/forbid.ts";
import { testShippedStore } from "./support/shipped-store.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-store-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

testShippedStore("memoryStore", "with a Map", async () => {
  const memory = memoryStore();
  let [isForbidden, isUnreadable] = [false, false];
  const store: EnvelopeStore = {
    ...memory,
    async *scan(partition, options) {
      if (isUnreadable) throw new Error("not permitted");
      yield* memory.scan(partition, options);
    },
    replace: async (...args) => (isForbidden ? Promise.reject(new Error("not permitted")) : memory.replace(...args)),
  };
  return {
    store,
    another: async () => store,
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
    put: async (name, object) => {
      memory.put(name, object);
      return name;
    },
    delete: async (name) => memory.delete(name),
    get: async (name) => memory.get(name),
  };
});

testShippedStore("fileStore", "in folders", async () => {
  const folder = await newFolder();
  const idOf = (name: string) => (name.length > 20 ? `deep/${name.slice(0, 10)}/${name}` : name);
  let drafts = 0;
  return {
    store: fileStore({ folder }),
    another: async () => fileStore({ folder }),
    put: async (name, object) => {
      const path = join(folder, idOf(name));
      await mkdir(dirname(path), { recursive: true });
      const draft = join(folder, `.letterlock-draft-of-the-test-${drafts++}`);
      await writeFile(draft, object);
      await rename(draft, path);
      return idOf(name);
    },
    delete: (name) => rm(join(folder, idOf(name))),
    get: (name) => readFile(join(folder, idOf(name))).catch(() => undefined),
    forbid: () => forbidWriting(folder),
    forbidReading: () => forbidReading(folder),
    leftovers: async () => (await readdir(folder, { recursive: true })).filter((name) => name.includes(".letterlock-")),
  };
});

describe("fileStore", () => {
  test("keeps mode and owner", async () => {
    const folder = await newFolder();
    await writeFile(join(folder, "a"), "before");
    await chmod(join(folder, "a"), 0o640);
    if (process.getuid?.() === 0) await chown(join(folder, "a"), 12_345, 54_321);
    const before = await stat(join(folder, "a"));
    const store = fileStore({ folder });
    for await (const { id, version } of store.scan("0/1", {}))
      expect(await store.replace(id, version, Buffer.from("after"))).toBe("replaced");
    const { mode, uid, gid } = await stat(join(folder, "a"));
    expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid });
  });

  // Whoever reads a file as a member of its group could not read it any more.
  test.skipIf(process.getuid?.() !== 0)("replaces no file whose owner or group it may not give to the new one", async () => {
    const folder = await newFolder();
    await chmod(folder, 0o777);
    const owners = [
      ["own", 54_321, 54_322],
      ["own, of another group of mine", 54_321, 54_323],
      ["another's", 12_345, 54_322],
      ["of another group", 54_321, 12_345],
    ] as const;
    for (const [name, uid, gid] of owners) {
      await writeFile(join(folder, name), "before");
      await chown(join(folder, name), uid, gid);
      await chmod(join(folder, name), 0o644);
    }
    const outcomes: Record<string, string> = {};
    const store = fileStore({ folder });
    const [groups, group] = [process.getgroups?.() ?? [], process.getegid?.() ?? 0];
    process.setgroups?.([54_322, 54_323]);
    process.setegid?.(54_322);
    process.seteuid?.(54_321);
    try {
      for await (const { id, version } of store.scan("0/1", {}))
        outcomes[id] = await store.replace(id, version, Buffer.from("after")).catch((error: unknown) => String(error));
    } finally {
      process.seteuid?.(0);
      process.setegid?.(group);
      process.setgroups?.(groups);
    }
    expect(outcomes).toEqual({
      own: "replaced",
      "own, of another group of mine": "replaced",
      "another's": expect.stringContaining("the owner 12345 and group 54322 of the file cannot be kept"),
      "of another group": expect.stringContaining("the owner 54321 and group 12345 of the file cannot be kept"),
    });
    for (const [name, uid, gid] of owners) {
      expect(await stat(join(folder, name)), name).toMatchObject({ uid, gid });
      expect(await readFile(join(folder, name), "utf8")).toBe(outcomes[name] === "replaced" ? "after" : "before");
    }
    expect((await readdir(folder)).sort()).toEqual(owners.map(([name]) => name).sort());
  });

  test.skipIf(process.platform !== "linux")("holds no file open that waits to be renamed", async () => {
    const folder = await newFolder();
    const [real, gate] = [realDisk(), Promise.withResolvers<void>()];
    let drafted = Promise.withResolvers<void>();
    const create: Disk["create"] = async (...of) => {
      const file = await real.create(...of);
      return { ...file, close: () => file.close().then(() => drafted.resolve()) };
    };
    const rename: Disk["rename"] = (...of) => gate.promise.then(() => real.rename(...of));
    const store = fileStoreWith({ disk: { ...real, create, rename }, compares: true }, { folder });
    for (let i = 0; i < 100; i++) await writeFile(join(folder, `${i}`), "before");
    const waiting: Promise<unknown>[] = [];
    const before = (await readdir("/proc/self/fd")).length;
    for await (const { id, version } of store.scan("0/1", {})) {
      drafted = Promise.withResolvers();
      waiting.push(store.replace(id, version, Buffer.from("after")));
      await drafted.promise;
    }
    const open = (await readdir("/proc/self/fd")).length - before;
    gate.resolve();
    expect(await Promise.all(waiting)).toEqual(Array.from({ length: 100 }, () => "replaced"));
    expect(open).toBeLessThan(20);
  });

  test("takes no link and no draft for an object, and only what it is told to include", async () => {
    const folder = await newFolder();
    for (const name of ["a.ltrl", "b.txt", ".letterlock-draft-0"]) await writeFile(join(folder, name), name);
    await symlink("a.ltrl", join(folder, "link.ltrl"));
    await symlink("/", join(folder, "loop"));
    const ids: string[] = [];
    for await (const { id } of fileStore({ folder, include: (one) => one.endsWith(".ltrl") }).scan("0/1", {})) ids.push(id);
    expect(ids).toEqual(["a.ltrl"]);
  });

  test("sweeps drafts that somebody left an hour ago, and no younger one", async () => {
    const folder = await newFolder();
    for (const name of ["old", "new"]) await writeFile(join(folder, `.letterlock-draft-${name}`), name);
    await utimes(join(folder, ".letterlock-draft-old"), new Date(0), new Date(0));
    for await (const _ of fileStore({ folder }).scan("0/1", {})) expect.unreachable();
    expect(await readdir(folder)).toEqual([".letterlock-draft-new"]);
  });

  test("takes over the lock of a writer who died", async () => {
    const folder = await newFolder();
    await writeFile(join(folder, "a"), "before");
    await mkdir(join(folder, ".letterlock-lock"));
    await utimes(join(folder, ".letterlock-lock"), new Date(0), new Date(0));
    const store = fileStore({ folder });
    for await (const { id, version } of store.scan("0/1", {}))
      expect(await store.replace(id, version, Buffer.from("after"))).toBe("replaced");
    expect(await readdir(folder)).toEqual(["a"]);
  });

  test("names files whose names are not UTF-8", async () => {
    const folder = await newFolder();
    const path = Buffer.concat([Buffer.from(`${folder}/`), Uint8Array.of(0x61, 0xff, 0x62)]);
    await writeFile(path, "before");
    const store = fileStore({ folder });
    for await (const { id, version } of store.scan("0/1", {}))
      expect(await store.replace(id, version, Buffer.from("after"))).toBe("replaced");
    expect(await readFile(path, "utf8")).toBe("after");
  });

  test.each(["../a", "a/../b", "", "/etc/passwd", "a//b", ".", "a\0b", "\0zz"])("makes no path of %j", async (id) => {
    const store = fileStore({ folder: await newFolder() });
    await expect(store.replace(id, "", new Uint8Array())).rejects.toThrow(TypeError);
  });

  test("says that a folder is not there", async () => {
    const store = fileStore({ folder: join(await newFolder(), "nothing") });
    await expect(store.scan("0/1", {})[Symbol.asyncIterator]().next()).rejects.toThrow("ENOENT");
  });
});
