import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { keyPlaces } from "../src/migrate/key-places.ts";
import { storePlace } from "../src/migrate/store-place.ts";
import { letterlockIn, workFolder } from "./letterlock-command.ts";
import { configure, keyFile, sealedFiles } from "./migration-folder.ts";
import { parsedPage } from "./parsed-page.ts";

afterEach(() => vi.unstubAllEnvs());

describe("where a migration is", () => {
  it("names the server, the database, the file or the bucket of a store, and never a password", () => {
    for (const name of ["AWS_REGION", "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL_DYNAMODB"]) vi.stubEnv(name, undefined);
    const rows = { table: "users", column: "ssn" };
    const url = "postgres://app:hunter2@db.staging:5433/app?sslmode=verify-full";
    expect(storePlace({ type: "postgres", url, ...rows }, "/c")).toBe("postgres://db.staging:5433/app");
    vi.stubEnv("PGHOST", "db.prod");
    vi.stubEnv("PGPORT", undefined);
    vi.stubEnv("PGDATABASE", "app");
    vi.stubEnv("PGPASSWORD", "hunter2");
    expect(storePlace({ type: "postgres", ...rows }, "/c")).toBe("postgres://db.prod:5432/app");
    expect(storePlace({ type: "redis", url: "rediss://app:hunter2@redis.staging/3" }, "/c")).toBe("redis://redis.staging:6379/3");
    expect(storePlace({ type: "sqlite", file: "staging.db", ...rows }, "/c")).toBe("/c/staging.db");
    expect(storePlace({ type: "files", folder: "sealed" }, "/c")).toBe("/c/sealed");
    const dynamodb = { type: "dynamodb", table: "users", key: ["id"], attribute: "ssn" } as const;
    expect(storePlace({ type: "s3", bucket: "b", prefix: "p/", region: "eu-west-1" }, "/c")).toBe("s3://b/p/, region eu-west-1");
    expect(storePlace({ ...dynamodb, endpoint: "http://localhost:4566" }, "/c")).toBe("table users, at http://localhost:4566");
    vi.stubEnv("AWS_REGION", "eu-north-1");
    vi.stubEnv("AWS_ENDPOINT_URL", "https://app:hunter2@proxy");
    expect(storePlace(dynamodb, "/c")).toBe("table users, region eu-north-1, at a URL with credentials");
  });

  it("names a key as the configuration does, with its URI, and never a password", () => {
    const kek = { provider: "vault-transit", keyRef: "transit/app" };
    const keks = { dr: "vault-transit://vault.staging/transit/app", odd: "vault-transit://me:hunter2@vault/transit/app" };
    expect(keyPlaces([kek], ["dr"], { keks })).toEqual(["vault-transit transit/app (dr: vault-transit://vault.staging/transit/app)"]);
    expect(keyPlaces([kek], [keks.dr], { keks })).toEqual(["vault-transit transit/app (vault-transit://vault.staging/transit/app)"]);
    expect(keyPlaces([kek, kek], [keks.odd, "odd"], { keks }).join()).not.toContain("hunter2");
    expect(keyPlaces([kek, kek], ["dr"], { keks })).toEqual(["vault-transit transit/app", "vault-transit transit/app"]);
  });

  it("stands in the report, so that staging and production are two pages", async () => {
    const folder = workFolder();
    for (const system of ["staging", "production"]) {
      const there = join(folder, system);
      mkdirSync(there);
      const old = keyFile(there, "old");
      keyFile(there, "new");
      await sealedFiles(join(there, "uploads"), 1, [old]);
      configure(there, {
        keks: { old: "local:old.key", new: "local:new.key" },
        to: ["new"],
        stores: { uploads: { type: "files", folder: "uploads" } },
      });
      expect(await letterlockIn(there, {})("migrate", "run", "--from", "old", "--report", "run.html")).toMatchObject({ status: 0 });
      const text = parsedPage(readFileSync(join(there, "run.html"), "utf8")).text();
      expect(text).toContain(`${system}/letterlock.config.json`);
      expect(text).toMatch(new RegExp(`where it is \\S*/${system}/uploads `));
      expect(text).toContain("from the keys local old (old: local:old.key) to the keys local new (new: local:new.key)");
    }
  });
});
