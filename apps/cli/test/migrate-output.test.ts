import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import type { Kek } from "@letterlock/core";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { ended, letterlockIn, type Ran, start, workFolder } from "./letterlock-command.ts";
import { configure, linesOf, sealedLines, uploadsFromOldToNew, uploadsToMove } from "./migration-folder.ts";

describe("what migrate says", { timeout: 60_000 }, () => {
  let folder: string;
  let old: Kek;
  const configuration = uploadsFromOldToNew;
  const migrate = (...words: readonly string[]): Promise<Ran> => letterlockIn(folder, {})("migrate", ...words);

  beforeEach(async () => {
    folder = workFolder();
    old = await uploadsToMove(folder, 3);
  });

  it("is not ok when the report was not written, and no file is replaced that appeared meanwhile", async () => {
    configure(folder, { ...configuration, rates: { old: { perSecond: 1, burst: 1 } } });
    const verifying = ended(start(["migrate", "verify", "--to", "old", "--from", "new", "--report", "report.html", "--json"], folder));
    await vi.waitFor(() => expect(existsSync(join(folder, "letterlock.journal"))).toBe(true), { timeout: 20_000, interval: 5 });
    writeFileSync(join(folder, "report.html"), "of somebody else");
    const ran = await verifying;
    expect(linesOf(ran)).toMatchObject({ stores: [{ ok: true }], last: { ok: false, inTrouble: [], exitStatus: 2 } });
    expect(JSON.parse(ran.stderr)).toMatchObject({ code: "exists", input: join(folder, "report.html") });
    expect(ran.status).toBe(2);
    expect(readFileSync(join(folder, "report.html"), "utf8")).toBe("of somebody else");
  });

  it("refuses the name of a report that no file can have before anything is read", async () => {
    const refused = await migrate("verify", "--report", `${"x".repeat(300)}.html`);
    expect(refused).toMatchObject({ status: 2, stdout: "" });
    expect(refused.stderr).toContain("cannot be written: ENAMETOOLONG");
  });

  it("ends with 1 when the journal that status is asked about cannot be read", async () => {
    expect((await migrate("status")).status).toBe(0);
    mkdirSync(join(folder, "letterlock.journal"));
    const { status, stdout, stderr } = await migrate("status", "--json");
    expect(JSON.parse(stderr)).toMatchObject({ code: "io-error", message: expect.stringContaining("it is no file") as string });
    expect(JSON.parse(stdout)).toMatchObject({ runs: 0, exitStatus: 1 });
    expect(status).toBe(1);
  });

  it("says nothing of objects where nothing was read", async () => {
    const users = { type: "postgres", url: "postgres://app:hunter2@127.0.0.1:1/app", table: "users", column: "ssn", key: ["id"] };
    configure(folder, { ...configuration, stores: { users } });
    expect(await migrate("run")).toMatchObject({ status: 5, stdout: "" });
    const listed = linesOf(await migrate("references", "--kek", "old", "--json"));
    expect(listed).toMatchObject({ stores: [{ store: "users", ok: false, count: 0 }], last: { ok: false, exitStatus: 5 } });
    const { stdout } = await migrate("status");
    expect(stdout).toMatch(/^users: run of .* UTC, failed; in /);
    expect(stdout).not.toContain("hunter2");
  });

  it("ends on Ctrl-C while a database does not answer", async () => {
    const sockets: Socket[] = [];
    const silent = createServer((socket) => sockets.push(socket)).listen(0, "127.0.0.1");
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      silent.close();
    });
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const users = { type: "postgres", url: `postgres://app:hunter2@127.0.0.1:${port}/app`, table: "users", column: "ssn", key: ["id"] };
    configure(folder, { ...configuration, stores: { users, ...configuration.stores } });
    const child = start(["migrate", "run"], folder);
    const running = ended(child);
    await vi.waitFor(() => expect(sockets).toHaveLength(1), { timeout: 30_000, interval: 5 });
    const before = performance.now();
    child.kill("SIGINT");
    const { status, stdout, stderr } = await running;
    expect(stderr).toMatch(/^letterlock: users: interrupted: /);
    expect(stdout).toBe("2 stores: not ok: users; not looked at: uploads\n");
    expect(status).toBe(130);
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  it("says of a finish that ended in its verify what that found, and not that nothing was to be done", async () => {
    expect(await migrate("finish", "--report", "refused.html")).toMatchObject({ status: 1 });
    expect(readFileSync(join(folder, "refused.html"), "utf8")).not.toContain("Nothing was to be done.");
    expect(await migrate("run", "--keep")).toMatchObject({ status: 0 });
    configure(folder, { ...configuration, rates: { new: { perSecond: 1, burst: 1 } } });
    const child = start(["migrate", "finish", "--journal", "finish.journal", "--json", "--report", "stopped.html"], folder);
    const running = ended(child);
    await vi.waitFor(() => expect(existsSync(join(folder, "finish.journal"))).toBe(true), { timeout: 20_000, interval: 5 });
    child.kill("SIGINT");
    const stopped = await running;
    expect(linesOf(stopped).stores).toMatchObject([{ state: "stopped", phase: "verifying" }]);
    expect(readFileSync(join(folder, "stopped.html"), "utf8")).not.toContain("Nothing was to be done.");
    expect(stopped.status).toBe(130);
  });

  it("lists references in spite of --quiet, which would look like none", async () => {
    const { stdout } = await migrate("references", "--kek", "old", "--quiet");
    expect(stdout.trim().split("\n")).toHaveLength(3);
  });

  it("repeats no password of a URL that stands where a store belongs", async () => {
    const url = "postgres://app:hunter2@db.example.com/app";
    for (const words of [
      ["run", url],
      ["run", url, url],
      ["run", "--accept", url],
      ["run", "--accept", "foreign", url],
    ]) {
      const { status, stdout, stderr } = await migrate(...words, "--debug");
      expect(stderr).toContain("a URL with credentials");
      expect(stdout + stderr).not.toContain("hunter2");
      expect(status).toBe(2);
    }
  });

  it.each(['{ "url": hunter2 }', "hunter2", '{ "url": "postgres://app:hunter2" "table" }', '["postgres://app:hunter2"'])(
    "quotes nothing of a configuration that is no JSON: %s",
    async (text) => {
      writeFileSync(join(folder, "letterlock.config.json"), text);
      const { status, stdout, stderr } = await migrate("plan", "--debug");
      expect(stderr).toContain("letterlock.config.json is not JSON: ");
      expect(stdout + stderr).not.toContain("hunter");
      expect(status).toBe(2);
    },
  );

  it("has no character in JSON that a terminal would act on, and means the same", async () => {
    const id = "\u{9b}31m\u202egnp.exe\u2028\u{e0001}";
    await sealedLines(join(folder, "users.ndjson"), 1, [old]);
    const line = JSON.parse(readFileSync(join(folder, "users.ndjson"), "utf8")) as object;
    writeFileSync(join(folder, "users.ndjson"), `${JSON.stringify({ ...line, id })}\n`);
    configure(folder, { ...configuration, stores: { users: { type: "ndjson", file: "users.ndjson", fields: ["ssn"], key: "id" } } });
    const { stdout } = await migrate("references", "--kek", "old", "--json");
    expect(stdout).not.toMatch(/[^\P{C}\n]|\u2028/u);
    expect(JSON.parse(stdout.split("\n")[0] ?? "")).toMatchObject({ id: `${JSON.stringify(id)}/ssn` });
  });

  it("takes no number that is too large to count with", async () => {
    expect(await migrate("run", "--memory", "999999999999GiB")).toMatchObject({ status: 2, stdout: "" });
    configure(folder, configuration);
    const text = readFileSync(join(folder, "letterlock.config.json"), "utf8").replace(
      /}$/,
      ', "rates": { "new": { "perSecond": 1e309 } } }',
    );
    writeFileSync(join(folder, "letterlock.config.json"), text);
    expect((await migrate("plan")).stderr).toContain("rates.new.perSecond: write a number above 0");
  });
});
