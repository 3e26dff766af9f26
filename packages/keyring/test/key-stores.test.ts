import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { fileKeyStore, memoryKeyStore } from "../src/index.ts";
import { testKeyStore } from "../src/vitest.ts";

const memory = memoryKeyStore();
testKeyStore("memoryKeyStore", async () => memory);

const folder = await mkdtemp(join(tmpdir(), "letterlock-key-store-"));
afterAll(() => rm(folder, { recursive: true }));
testKeyStore("fileKeyStore", async () => fileKeyStore(folder));

test("fileKeyStore leaves no draft and nothing half destroyed behind", async () => {
  expect((await readdir(folder)).sort()).toEqual(["keys", "slots"]);
});

test.each(["../../etc/passwd", "", "a".repeat(44), "."])("fileKeyStore makes no path of %j", async (name) => {
  await expect(fileKeyStore(folder).get(name)).rejects.toMatchObject({ code: "malformed" });
});
