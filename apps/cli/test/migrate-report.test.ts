import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createDataKey, type Kek, localKek, seal } from "@letterlock/core";
import { type Books, finish, type MemoryStore, type Migration, memoryStore, outcomeClasses, plan, run, verify } from "@letterlock/migrate";
import { beforeEach, describe, expect, it } from "vitest";
import type { MigrationReport, ReportedStore } from "../src/migrate-report/migration-report.ts";
import { reportHtml } from "../src/migrate-report/report-html.ts";
import { writeReport } from "../src/migrate-report/write-report.ts";
import { workFolder } from "./letterlock-command.ts";
import { type ParsedPage, parsedPage } from "./parsed-page.ts";

const newKek = (name: string): Kek => localKek({ name, secret: crypto.getRandomValues(new Uint8Array(32)) });
const hostile = [
  `<script>alert("1")</script>`,
  `</td></table><img src=x onerror=alert(1)>`,
  `"><style>body{display:none}</style>`,
  `'&lt;b&gt;' & <!-- -->`,
  "<%= process.exit(1) %>",
  "line\nbreak\0nul\u202Etxt.exe\u2028",
];

let store: MemoryStore;
let migration: Migration;
let old: Kek;
beforeEach(async () => {
  old = newKek("old");
  const target = newKek("<b>new</b>");
  store = memoryStore();
  migration = { store, from: [old], to: [target] };
  for (const id of ["a", "b", "c"]) store.put(id, await seal(new Uint8Array(5), [old], { context: { tenant: "acme", "<i>": "x" } }));
  for (const id of hostile) store.put(id, new TextEncoder().encode("no object"));
  store.put("cut", (await seal(new Uint8Array(5), [old])).slice(0, 50));
});

const reported = (books: Books | undefined, more: Partial<ReportedStore> = {}): ReportedStore => ({
  name: "users",
  description: "postgres app.users.ssn",
  from: ["local old"],
  to: ["local <b>new</b>"],
  seconds: 61.5,
  trouble: books?.ok === true ? undefined : "6 foreign, 1 quarantined",
  books,
  ...more,
});

function report(step: MigrationReport["step"], stores: readonly ReportedStore[], more: Partial<MigrationReport> = {}): MigrationReport {
  return {
    ...{ step, stores, notLookedAt: [], accepted: [], options: { keep: true, blind: undefined, refresh: false, concurrency: "<32>" } },
    ...{ began: "2026-11-02T08:00:00.000Z", ended: "2026-11-02T08:01:02.000Z", seconds: 62, host: "db-1", version: "1.2.3" },
    exitStatus: stores.every(({ trouble }) => trouble === undefined) ? 0 : 1,
    ...more,
  };
}

const verdictOf = (page: ParsedPage) => {
  const [verdict] = page.withAttribute("id", "verdict");
  if (verdict === undefined) throw new Error("no verdict");
  return { text: page.text(verdict), isGood: verdict.attrs.some(({ value }) => value.includes("good")) };
};
const table = (page: ParsedPage, name: string) => {
  const [found] = page.withAttribute("class", name);
  if (found === undefined) throw new Error(`no table of ${name}`);
  return { rows: page.rows(found), text: page.text(found) };
};

describe("the report", () => {
  it("says first whether everything is true, and then what was asked for, when and how long", async () => {
    const books = await run(migration, { accept: ["foreign", "quarantined"] });
    const page = parsedPage(reportHtml(report("run", [reported(books)], { accepted: ["foreign", "quarantined"] })));
    expect(verdictOf(page)).toEqual({
      isGood: true,
      text:
        "Every object, other than those that were accepted beforehand, was migrated, or had nothing to be done. " +
        "6 objects are foreign, which was accepted beforehand. 1 object is quarantined, which was accepted beforehand.",
    });
    expect(page.text().indexOf("Every object")).toBeLessThan(page.text().indexOf("What was asked"));
    const [asked] = page.withAttribute("id", "asked");
    expect(page.text(asked)).toBe(
      "What was asked command letterlock migrate run stores users from the keys local old to the keys local <b>new</b> " +
        'options keep; concurrency: "<32>" accepted classes foreign, quarantined began 2026-11-02T08:00:00.000Z (by the clock of db-1) ' +
        "ended 2026-11-02T08:01:02.000Z took 1 min 2 s objects looked at 10",
    );
  });

  it("gives every class its count, its meaning and what to do, and shows that they add up", async () => {
    const books = await run(migration);
    const page = parsedPage(reportHtml(report("run", [reported(books)])));
    expect(verdictOf(page)).toEqual({ isGood: false, text: "Not everything was migrated. users: 6 foreign, 1 quarantined" });
    const { rows, text } = table(page, "books");
    expect(rows.map(([name, count]) => [name, Number(count)])).toEqual(outcomeClasses.map((one) => [one, books.classes[one]]));
    expect(rows.every(([, , meaning]) => meaning !== "")).toBe(true);
    const advised = rows.filter(([, , , advice]) => advice !== "").map(([name]) => name);
    expect(advised).toEqual(["foreign", "quarantined"]);
    expect(text).toContain("sum 10 3 migrated + 6 foreign + 1 quarantined = 10 scanned");
  });

  it("calls nothing good whose books do not add up, or that was not looked at", async () => {
    const books = { ...(await run(migration, { accept: ["foreign", "quarantined"] })), scanned: 11 };
    const wrong = parsedPage(reportHtml(report("run", [reported(books)])));
    expect(verdictOf(wrong)).toMatchObject({ isGood: false, text: expect.stringContaining("The books of users do not add up") });
    expect(table(wrong, "books").text).toContain("≠ 11 scanned");

    const whole = reported({ ...books, scanned: 10 });
    expect(verdictOf(parsedPage(reportHtml(report("run", [whole])))).isGood).toBe(true);
    const left = parsedPage(reportHtml(report("run", [whole], { notLookedAt: ["uploads"] })));
    expect(verdictOf(left)).toMatchObject({ isGood: false, text: expect.stringContaining("uploads was not looked at") });
    const ended = parsedPage(reportHtml(report("run", [whole], { exitStatus: 130 })));
    expect(verdictOf(ended)).toMatchObject({ isGood: false, text: expect.stringContaining("exit status 130") });
    const stopped = parsedPage(reportHtml(report("run", [reported(undefined, { trouble: "no route to the database" })])));
    expect(verdictOf(stopped)).toMatchObject({ isGood: false, text: expect.stringContaining("no route to the database") });
    expect(stopped.text()).toContain("Nothing was looked at.");
  });

  it("says of a store without objects that it has none, because nothing is true of them", async () => {
    const books = await run({ ...migration, store: memoryStore() });
    const { isGood, text } = verdictOf(parsedPage(reportHtml(report("run", [reported(books)]))));
    expect(isGood).toBe(true);
    expect(text).toContain("has no objects");
    expect(text).toContain("a wrong folder, prefix or table looks like that");
  });

  it("shows ids and reasons as text, whatever they hold", async () => {
    const books = await run(migration);
    const html = reportHtml(
      report("run", [reported(books, { name: hostile[1] as string, trouble: hostile[0] as string })], { host: hostile[2] as string }),
    );
    const page = parsedPage(html);
    expect(page.elements("script")).toEqual([]);
    expect(page.elements("img")).toEqual([]);
    expect(page.elements("style")).toHaveLength(1);
    expect(page.elements("b")).toEqual([]);
    const { rows } = table(page, "exceptions");
    expect(rows.map(([, id]) => id).sort()).toEqual(
      [...hostile.slice(0, 5).map((id) => id.replaceAll(/\s+/g, " ")), "line\\u{a}break\\u{0}nul\\u{202e}txt.exe\\u{2028}", "cut"].sort(),
    );
    expect(rows.find(([, id]) => id === "cut")).toEqual(["quarantined", "cut", "malformed", expect.any(String)]);
    expect(html).not.toMatch(/[\0\u202E\u2028]/);
    expect(page.elements("link")).toEqual([]);
    expect(html).not.toMatch(/(?:src|href)=["']?http/);
  });

  it("shows all exceptions that somebody kept, up to a page's worth, and says what is left out", () => {
    const books: Books = {
      ...{ scanned: 5_000, unverified: 0, bytes: 5, exceptions: [], ok: false, codes: { store: 5_000 } },
      classes: { migrated: 0, already: 0, gone: 0, foreign: 0, quarantined: 0, conflict: 0, failed: 5_000 },
    };
    function* kept() {
      for (let n = 0; n < 5_000; n++) yield { id: `id ${n}`, class: "failed", code: "store", reason: "cable" } as const;
    }
    const page = parsedPage(reportHtml(report("run", [reported(books, { exceptions: kept() })])));
    const { rows } = table(page, "exceptions");
    expect(rows).toHaveLength(2_000);
    expect(rows[1_999]).toEqual(["failed", "id 1999", "store", "cable"]);
    expect(page.text()).toContain("The first 2,000 of 5,000.");
  });

  it("shows keys, versions, context keys, calls and probes of a plan", async () => {
    const { books, estimate, later, ...planned } = await plan(migration);
    const stated = { verify: { ...later.verify, seconds: 3.1 }, finish: later.finish };
    const asked = { plan: planned, estimate: { ...estimate, seconds: 12.2, cost: 1.5 }, later: stated };
    const page = parsedPage(reportHtml(report("plan", [reported(books, asked)])));
    expect(verdictOf(page)).toMatchObject({ isGood: false, text: expect.stringContaining("Not everything would migrate.") });
    expect(table(page, "keys").rows).toEqual([["local", "old", "", "3"]]);
    expect(table(page, "context").rows).toEqual([
      ["<i>", "3"],
      ["tenant", "3"],
    ]);
    expect(table(page, "calls").rows).toEqual([
      ["local", "old", "0", "3"],
      ["local", "<b>new</b>", "3", "3"],
    ]);
    expect(table(page, "later").rows).toEqual([
      ["verify", "local", "<b>new</b>", "3"],
      ["finish", "local", "<b>new</b>", "9"],
    ]);
    expect(page.text()).toContain("verify: at least 4 s at the stated rates");
    expect(page.text()).toContain("that can be moved and lack one 3 objects");
    expect(table(page, "probes").rows).toEqual([
      ["local", "<b>new</b>", "wrap", "works"],
      ["local", "<b>new</b>", "unwrap", "works"],
      ["local", "old", "unwrap", "works"],
    ]);
    expect(page.text()).toContain("at least 13 s at the stated rates, 1.50 at the stated prices");
    expect(page.text()).toContain("Nothing in a plan is authenticated, but for the probes");
  });

  it("says of a plan in the words of the terminal what would be, and how long all stores take", async () => {
    for (const id of [...hostile, "cut"]) store.delete(id);
    await run(migration, { keep: true });
    store.put("late", await seal(new Uint8Array(5), [old]));
    const { books, estimate, later, ...planned } = await plan(migration);
    const calls = { calls: [], seconds: 0.4, cost: undefined };
    const total = { run: { ...calls, seconds: 62 }, verify: calls, finish: { ...calls, seconds: undefined, cost: 1.5 } };
    const two = [reported(books, { plan: planned }), reported(books, { name: "others", plan: planned })];
    const page = parsedPage(reportHtml(report("plan", two, { total })));
    const { rows, text } = table(page, "books");
    expect(rows.slice(0, 2).map(([name, count]) => [name, count])).toEqual([
      ["to migrate", "1"],
      ["to rid of old recipients", "3"],
    ]);
    expect(text).toContain("sum 4 1 to migrate + 3 to rid of old recipients = 4 scanned");
    expect(text).not.toContain("migrated");
    const [asked] = page.withAttribute("id", "asked");
    expect(page.text(asked)).toContain("a run of all stores takes at least 1 min 2 s at the stated rates");
    expect(page.text(asked)).toContain("a verify of all stores takes less than a second at the stated rates");
    expect(page.text(asked)).toContain("a finish of all stores takes 1.50 at the stated prices");
  });

  it("says where the keys and the objects are, and which configuration said so", async () => {
    const books = await run(migration);
    const where = { place: "postgres://db.staging/app", to: ["local <b>new</b> (dr: local:<b>new</b>.key)"] };
    const page = parsedPage(reportHtml(report("run", [reported(books, where)], { configuration: "staging/letterlock.config.json" })));
    expect(page.text()).toContain("configuration staging/letterlock.config.json");
    expect(page.text()).toContain("where it is postgres://db.staging/app");
    expect(page.text()).toContain("to the keys local <b>new</b> (dr: local:<b>new</b>.key)");
  });

  it("says of verify and finish what opens, and never that more is proven", async () => {
    for (const id of [...hostile, "cut"]) store.delete(id);
    await run(migration, { keep: true });
    const clean = await verify(migration);
    const page = parsedPage(reportHtml(report("verify", [reported(clean, { verified: clean })])));
    expect(verdictOf(page)).toEqual({ isGood: true, text: "Every object opens with the new keys alone." });
    expect(page.text()).toContain("that an old key opened too, when they were verified 3 objects");

    const finished = await finish(migration);
    const end = parsedPage(reportHtml(report("finish", [reported(finished.removed, { verified: finished.verified })])));
    expect(verdictOf(end)).toEqual({ isGood: true, text: "No object has an old key as a recipient any more." });
    for (const one of [page, end]) {
      const [doubts] = one.withAttribute("id", "not-proven");
      for (const words of ["hints that nobody authenticates", "no revocation", "backups", "No payload was opened"])
        expect(one.text(doubts)).toContain(words);
    }
  });

  it("says that records were not opened", async () => {
    for (const id of [...hostile, "cut"]) store.delete(id);
    await run(migration);
    const { blob, key } = await createDataKey(migration.to);
    store.put("key blob", blob);
    store.put("record", key.seal(new Uint8Array(3), { aad: "" }));
    const verified = await verify(migration);
    const page = parsedPage(reportHtml(report("verify", [reported(verified, { verified })])));
    expect(verdictOf(page)).toEqual({
      isGood: true,
      text: "Every object opens with the new keys alone. 1 record among them: a record was not opened, and opens when its key blob does.",
    });
    expect(page.text()).toContain("Records were not opened");
  });

  it("names what nobody has opened with the target yet", async () => {
    const books = { ...(await run(migration, { accept: ["foreign", "quarantined"] })), unverified: 3 };
    const page = parsedPage(reportHtml(report("run", [reported(books)])));
    expect(verdictOf(page).text).toContain("nobody has opened them with the target yet");
    expect(page.text()).toContain("migrated and not opened yet 3 objects");
    expect(table(page, "books").rows[0]).toEqual(["migrated", "3", expect.stringContaining("nobody has opened it yet"), "Verify."]);
  });
});

describe("writing the report", () => {
  it("replaces the one of before only where that is allowed, for its owner alone, or leaves it", async () => {
    const folder = workFolder();
    const path = join(folder, "report.html");
    const books = await run(migration);
    await writeReport(path, report("run", [reported(books)]), { replace: false });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(verdictOf(parsedPage(readFileSync(path, "utf8"))).isGood).toBe(false);
    chmodSync(path, 0o644);

    const failing = {
      [Symbol.iterator]: () => {
        throw new Error("the journal is gone");
      },
    };
    await expect(writeReport(path, report("run", [reported(books, { exceptions: failing })]), { replace: true })).rejects.toThrow(
      "the journal is gone",
    );
    expect(verdictOf(parsedPage(readFileSync(path, "utf8"))).isGood).toBe(false);
    expect(readdirSync(folder)).toEqual(["report.html"]);

    const good = report("run", [reported({ ...books, ok: true })]);
    await expect(writeReport(path, good, { replace: false })).rejects.toThrow("exists already");
    expect(verdictOf(parsedPage(readFileSync(path, "utf8"))).isGood).toBe(false);
    await writeReport(path, good, { replace: true });
    expect(verdictOf(parsedPage(readFileSync(path, "utf8"))).isGood).toBe(true);
    writeFileSync(join(folder, "file"), "");
    await expect(writeReport(join(folder, "file", "report.html"), good, { replace: false })).rejects.toThrow();
  });
});
