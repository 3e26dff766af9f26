import { requireDebianServer, startPostgres } from "@letterlock/servers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { crashCampaign } from "./campaign/crash-campaign.ts";
import { kinds } from "./campaign/crash-setup.ts";

const seed = Number(process.env.LETTERLOCK_SEED ?? Date.now() % 1_000_000_000);

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
      console.log(`seed of the crashes: ${seed}`);
      const { lost, edits } = await crashCampaign(kind, "none", 5, seed, server);
      expect(lost).toEqual([]);
      expect(edits).toBeGreaterThan(0);
    });

    test.each(["no comparison", "no verification"] as const)("would lose something with %s", { timeout: 120_000 }, async (mutation) => {
      const lost: string[] = [];
      for (let round = 0; round < 6 && lost.length === 0; round++)
        lost.push(...(await crashCampaign(kind, mutation, 4, seed + round, server)).lost);
      expect(lost).not.toEqual([]);
    });
  },
);
