import { crashCampaign } from "./crash-campaign.ts";
import { kinds } from "./crash-setup.ts";

// npm run campaign:crash [kills] [seed]: a thousand kills by default, over all kinds of stores.
const kills = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
console.log(`${kills} kills, seed ${seed}`);
for (const [i, kind] of kinds.entries()) {
  const rounds = 20;
  let [killed, edits] = [0, 0];
  for (let round = 0; killed < kills / kinds.length; round++) {
    const roundSeed = seed + kinds.length * round + i;
    const campaign = await crashCampaign(kind, "none", Math.min(rounds, Math.ceil(kills / kinds.length) - killed), roundSeed);
    killed += campaign.kills;
    edits += campaign.edits;
    console.log(`${kind}: ${killed} kills, ${edits} edits by others, ${campaign.lost.length} lost`);
    if (campaign.lost.length > 0) {
      console.error(`lost with seed ${roundSeed}:\n${campaign.lost.join("\n")}`);
      process.exit(1);
    }
  }
}
