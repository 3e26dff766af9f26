import { expect, test } from "vitest";
import { conformanceCases } from "../src/index.ts";

test("cases have ids and titles of their own", () => {
  for (const member of ["id", "title"] as const) {
    const all = conformanceCases.map((one) => one[member]);
    expect(new Set(all).size).toBe(all.length);
  }
});

test("ids are words with hyphens, titles finish a sentence, requirements are sentences", () => {
  for (const { id, title, requirement } of conformanceCases) {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(title).toMatch(/^[a-z].*[^.]$/);
    expect(requirement).toMatch(/^\w.*\.$/s);
  }
});

test("a case runs alone, without settings", async () => {
  const { fakeSubject } = await import("./support/fake-subject.ts");
  for (const one of conformanceCases.filter(({ id }) => ["round-trip", "rotation-new-version"].includes(id))) {
    const subject = fakeSubject();
    expect(one.skip(subject)).toBe(undefined);
    await expect(one.run(subject)).resolves.toBe(undefined);
  }
});
