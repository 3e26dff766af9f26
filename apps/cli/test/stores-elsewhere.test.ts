import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { askedPlace } from "../src/stores/asked-place.ts";
import type { StoreEntry } from "../src/stores/store-entry.ts";
import { sharedFolder } from "./letterlock-command.ts";
import { storeMigration } from "./store-migration.ts";

const folder = sharedFolder();
const { sealedText, migrate } = storeMigration(folder);
const at = (name: string): string => join(folder, name);

describe("a configuration that names another place than that of the objects", { timeout: 60_000 }, () => {
  it("is asked whether it is the right one, by every step", async () => {
    writeFileSync(at("a.csv"), `id,name,ssn\n1,Ada,${await sealedText("1")}\n2,Grace,${await sealedText("2")}\n`);
    const entry = { type: "csv", file: "a.csv", columns: ["name"] };
    for (const step of ["plan", "run", "verify", "finish"]) {
      const { status, stderr } = await migrate([step], { users: entry });
      expect(stderr, step).toContain('2 foreign (nothing here is of Letterlock: is column "name" the right one?)');
      expect(stderr, step).not.toContain("--accept");
      expect(status, step).toBe(1);
    }
    const mixed = await migrate(["plan"], { users: { ...entry, columns: ["name", "ssn"] } });
    expect(mixed.stderr).toContain("2 foreign (not of Letterlock: --accept foreign where such things lie there)");
  });

  it("is not asked by a plan that finds objects inside of what is there", async () => {
    writeFileSync(at("b.ndjson"), `{"text":${JSON.stringify(JSON.stringify({ inner: await sealedText("1") }))}}\n`);
    const { stdout, stderr } = await migrate(["plan"], { users: { type: "ndjson", file: "b.ndjson", fields: ["text"] } });
    expect(stdout).toContain("nested");
    expect(stderr).toContain("1 foreign (not of Letterlock: --accept foreign where such things lie there)");
  });

  it("is told the pattern that matches nothing", async () => {
    mkdirSync(at("sealed"));
    writeFileSync(at("sealed/a.bin"), "a");
    const files = { type: "files", folder: "sealed", include: ["**/*.ltrl", "*.sealed"] };
    const { status, stderr } = await migrate(["plan"], { uploads: files });
    const said = `letterlock: uploads has no objects: files in ${at("sealed")}, where no path matches include "**/*.ltrl", "*.sealed"\n`;
    expect([status, stderr]).toEqual([0, said]);
    mkdirSync(at("empty"));
    const empty = await migrate(["plan"], { uploads: { type: "files", folder: "empty" } });
    expect(empty.stderr).toBe(`letterlock: uploads has no objects: files in ${at("empty")}\n`);
  });

  it.each<[StoreEntry, string]>([
    [{ type: "files", folder: "sealed" }, 'is folder "sealed" the right one?'],
    [{ type: "ndjson", file: "a", fields: ["user.ssn", ["a", "b"]] }, 'are fields "user.ssn", "a.b" the right ones?'],
    [{ type: "json", file: "a", fields: ["ssn"] }, 'is field "ssn" the right one?'],
    [{ type: "postgres", table: "users", column: "ssn" }, 'is column "ssn" the right one?'],
    [{ type: "postgres", table: "users", column: "data", path: ["user", "ssn"] }, 'is path "user.ssn" the right one?'],
    [{ type: "sqlite", file: "a", table: "users", column: "ssn" }, 'is column "ssn" the right one?'],
    [{ type: "redis", url: "redis://a:secret@b", prefix: "user:" }, 'is prefix "user:" the right one?'],
    [{ type: "redis", url: "redis://a:secret@b", prefix: "user:", field: "ssn" }, 'is field "ssn" the right one?'],
    [{ type: "redis", url: "redis://a:secret@b" }, 'which "prefix" have the keys that hold objects?'],
    [{ type: "s3", bucket: "acme", prefix: "users/" }, 'is prefix "users/" the right one?'],
    [{ type: "s3", bucket: "acme" }, 'is bucket "acme" the right one?'],
    [{ type: "dynamodb", table: "Users", key: ["id"], attribute: "ssn" }, 'is attribute "ssn" the right one?'],
  ])("%o is asked %s", (entry, asked) => {
    expect(askedPlace(entry).question).toBe(asked);
  });
});
