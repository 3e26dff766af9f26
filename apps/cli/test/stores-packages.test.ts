import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// An installation of letterlock alone, as npm makes it where no driver is asked for.
const folder = mkdtempSync(join(tmpdir(), "letterlock-stores-"));
const here = join(import.meta.dirname, "..");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function letterlock(...words: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const main = join(folder, "src/main.ts");
  return spawnSync(process.execPath, ["--conditions=source", main, ...words], { cwd: folder, encoding: "utf8" });
}

beforeAll(() => {
  for (const name of ["package.json", "src"]) cpSync(join(here, name), join(folder, name), { recursive: true });
  for (const name of ["core", "migrate", "resilience"]) install(`@letterlock/${name}`);
  for (const name of ["cli-progress", "commander", "eta", "picomatch", "tinyglobby", "valibot"]) install(name);
  for (const name of ["old", "new"]) letterlock("keygen", "--name", name, "-o", `${name}.key`);
  writeFileSync(join(folder, "a.json"), '{"ssn":null}');
});

function install(name: string): void {
  const place = join(folder, "node_modules", name);
  mkdirSync(dirname(place), { recursive: true });
  symlinkSync(realpathSync(join(here, "node_modules", name)), place);
}

function plan(entry: object): ReturnType<typeof letterlock> {
  writeFileSync(
    join(folder, "letterlock.config.json"),
    JSON.stringify({ from: ["local:old.key"], to: ["local:new.key"], stores: { users: entry } }),
  );
  return letterlock("migrate", "plan", "--no-journal");
}

describe("without drivers", { timeout: 60_000 }, () => {
  it.each([
    [{ type: "postgres", table: "users", column: "ssn" }, "pg"],
    [{ type: "redis", url: "redis://cache.example.com" }, "ioredis"],
    [{ type: "s3", bucket: "acme" }, "@aws-sdk/client-s3"],
    [{ type: "dynamodb", table: "Users", key: ["id"], attribute: "ssn" }, "@aws-sdk/client-dynamodb @aws-sdk/lib-dynamodb"],
  ])("%j says what to install", (entry, packages) => {
    const { status, stdout, stderr } = plan(entry);
    const install = `run npm install ${packages} (with --global where letterlock is global)`;
    expect(stderr).toBe(`letterlock: stores of type ${entry.type} need packages that are not installed: ${install}\n`);
    expect([status, stdout]).toEqual([2, ""]);
  });

  it.each([["run"], ["worker"], ["status"], ["drain"]])("migrate %s --queue says what to install", (step) => {
    plan({ type: "json", file: "a.json", fields: ["ssn"] });
    const { status, stderr } = letterlock("migrate", step, "--queue", "redis://127.0.0.1:1");
    const install = "run npm install bullmq ioredis rate-limiter-flexible (with --global where letterlock is global)";
    expect(stderr).toBe(`letterlock: a queue needs packages that are not installed: ${install}\n`);
    expect(status).toBe(2);
  });

  it("stores of files work", () => {
    expect(plan({ type: "json", file: "a.json", fields: ["ssn"] })).toMatchObject({ status: 0 });
  });
});
