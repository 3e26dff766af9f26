import { memoryStore } from "@letterlock/migrate";
import { expect, it } from "vitest";
import { errorReport } from "../src/error-report.ts";
import { failure } from "../src/failure.ts";
import { eachStore } from "../src/migrate/each-store.ts";
import type { MigrationSession, StoreMigration } from "../src/migrate/migration-session.ts";

it("does not end with 0 when an interrupt between two stores keeps it from the second", async () => {
  const controller = new AbortController();
  const [printed, errors]: [unknown[], unknown[]] = [[], []];
  const stores = ["first", "second"].map(
    (name): StoreMigration => ({
      name,
      description: name,
      migration: { store: memoryStore(), from: [], to: [] },
      asked: { question: "", leavesOut: undefined },
    }),
  );
  const report = {
    result: (_: string, fields: object) => printed.push(fields),
    failed: (error: unknown) => {
      errors.push(error);
      return errorReport(error).exitStatus;
    },
  };
  const session = { stores, report, signal: controller.signal, reportPath: undefined } as unknown as MigrationSession;
  const status = await eachStore(session, "run", async ({ name }) => {
    expect(name).toBe("first");
    controller.abort(failure("interrupted", "interrupted: it goes on from there"));
    return { lines: ["first"], fields: {}, trouble: undefined, reported: { seconds: 0, books: undefined } };
  });
  expect(status).toBe(130);
  expect(errors).toEqual([controller.signal.reason]);
  expect(printed.at(-1)).toMatchObject({ ok: false, inTrouble: [], notLookedAt: ["second"], exitStatus: 130 });
});
