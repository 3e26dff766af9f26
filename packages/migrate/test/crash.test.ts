import { requireDebianServer, startPostgres } from "@letterlock/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crashCampaign } from "./campaign/crash-campaign.ts";
import { kinds } from "./campaign/crash-setup.ts";
import { type Death, deathIn, deaths } from "./campaign/deaths.ts";

const seed = Number(process.env.LETTERLOCK_SEED ?? Date.now() % 1_000_000_000);
console.log(`seed of the crashes: ${seed}`);

/** What was started leaves in the opposite order. */
const running = new AsyncDisposableStack();
afterAll(() => running.disposeAsync());

describe.each(kinds.filter((kind) => kind !== "postgres" || requireDebianServer("postgresql")))(
  "a migration of %s that is killed again and again",
  (kind) => {
    let server = "";
    beforeAll(async () => {
      if (kind === "postgres") server = running.use(await startPostgres()).endpoint;
    }, 60_000);

    test("loses nothing", { timeout: 120_000 }, async () => {
      const campaign = await crashCampaign(kind, "none", 6, seed, server);
      expect(campaign.lost).toEqual([]);
      expect(campaign.edits).toBeGreaterThan(0);
      expect([...campaign.deaths.values()].reduce((sum, count) => sum + count)).toBe(campaign.kills);
    });

    test("loses nothing where a run keeps the old recipients and does not verify, because finish does", { timeout: 120_000 }, async () => {
      expect((await crashCampaign(kind, "a run that keeps and does not verify", 2, seed, server)).lost).toEqual([]);
    });

    test.each(["no comparison", "no verification", "no verification in finish"] as const)(
      "would lose something with %s",
      { timeout: 120_000 },
      async (mutation) => {
        const lost: string[] = [];
        for (let round = 0; round < 8 && lost.length === 0; round++)
          lost.push(...(await crashCampaign(kind, mutation, 4, seed + round, server)).lost);
        expect(lost).not.toEqual([]);
      },
    );
  },
);

test.each<[string, Death]>([
  ["", "after the last write"],
  ["(", "before the first write"],
  ["(c", "while a draft is written"],
  ["(cCwWs", "while a draft is written"],
  ["(cCwWsS", "between a draft and its rename"],
  ["(cCwWsSr", "in a rename"],
  ["(cCwWsSrR", "between a rename and the sync of its folder"],
  ["(cCwWsSrRf", "between a rename and the sync of its folder"],
  ["(cCwWsSrRfF", "between two writes"],
  ["(uUu", "in an update"],
  ["(uU)", "after the last write"],
  ["(uU)(", "after the last write"],
])("a process that told %j was killed %s", (told, death) => {
  expect(deathIn(told)).toBe(death);
  expect(deaths).toContain(death);
});
