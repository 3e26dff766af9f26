import { describe, expect, test } from "vitest";
import { crashCampaign } from "./campaign/crash-campaign.ts";
import { kinds } from "./campaign/crash-setup.ts";

const seed = Number(process.env.LETTERLOCK_SEED ?? Date.now() % 1_000_000_000);

describe.each(kinds)("a migration of %s that is killed again and again", (kind) => {
  test("loses nothing", { timeout: 120_000 }, async () => {
    console.log(`seed of the crashes: ${seed}`);
    const { lost, edits } = await crashCampaign(kind, "none", 5, seed);
    expect(lost).toEqual([]);
    expect(edits).toBeGreaterThan(0);
  });

  test.each(["no comparison", "no verification"] as const)("would lose something with %s", { timeout: 120_000 }, async (mutation) => {
    const lost: string[] = [];
    for (let round = 0; round < 6 && lost.length === 0; round++) lost.push(...(await crashCampaign(kind, mutation, 4, seed + round)).lost);
    expect(lost).not.toEqual([]);
  });
});
