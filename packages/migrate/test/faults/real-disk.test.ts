import { mkdtemp, open, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { realDisk } from "../../src/disk.ts";

/** What was made leaves in the opposite order. */
const made = new AsyncDisposableStack();
afterAll(() => made.disposeAsync());

/** Power failures are replayed over the seam; this is what stands behind it: each sync there is one of the operating system, of that very file or folder. */
test("the real disk syncs files and folders", async () => {
  const folder = await mkdtemp(join(tmpdir(), "letterlock-disk-"));
  made.defer(() => rm(folder, { recursive: true, force: true }));
  const handle = await open(folder);
  const synced: bigint[] = [];
  const prototype = Object.getPrototypeOf(handle) as typeof handle;
  const { sync } = prototype;
  const spy = vi.spyOn(prototype, "sync").mockImplementation(async function (this: typeof handle) {
    synced.push((await this.stat({ bigint: true })).ino);
    await sync.call(this);
  });
  made.defer(() => spy.mockRestore());
  await handle.close();
  const inode = async (path: string): Promise<bigint> => (await stat(path, { bigint: true })).ino;

  const disk = realDisk();
  const [draft, path] = [join(folder, "draft"), join(folder, "path")];
  const file = await disk.create(draft, 0o640);
  await expect(disk.create(draft, 0o640)).rejects.toThrow("EEXIST");
  await file.write(Buffer.from("one, "));
  await file.write(Buffer.from("two"));
  expect(synced).toEqual([]);
  await file.sync();
  await file.close();
  expect(synced).toEqual([await inode(draft)]);
  await disk.rename(draft, path);
  await disk.syncFolder(folder);
  expect(synced).toEqual([await inode(path), await inode(folder)]);
  expect([await readFile(path, "utf8"), (await stat(path)).mode & 0o777]).toEqual(["one, two", 0o640]);
  await disk.unlink(path);
  expect(await readdir(folder)).toEqual([]);
});
