import { requireDebianServer, startPostgres } from "@letterlock/servers";
import { crashCampaign } from "./crash-campaign.ts";
import { kinds } from "./crash-setup.ts";

// npm run campaign:crash [kills] [seed]: a thousand kills by default, over all kinds of stores.
const kills = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
console.log(`${kills} kills, seed ${seed}`);
const possible = kinds.filter((kind) => kind !== "postgres" || requireDebianServer("postgresql"));
await using server = possible.includes("postgres") ? await startPostgres() : undefined;
for (const [i, kind] of possible.entries()) {
  const rounds = 20;
  let [killed, edits] = [0, 0];
  for (let round = 0; killed < kills / possible.length; round++) {
    const roundSeed = seed + possible.length * round + i;
    const campaign = await crashCampaign(
      kind,
      "none",
      Math.min(rounds, Math.ceil(kills / possible.length) - killed),
      roundSeed,
      server?.endpoint,
    );
    killed += campaign.kills;
    edits += campaign.edits;
    console.log(`${kind}: ${killed} kills, ${edits} edits by others, ${campaign.lost.length} lost`);
    if (campaign.lost.length > 0) {
      console.error(`lost with seed ${roundSeed}:\n${campaign.lost.join("\n")}`);
      process.exitCode = 1;
      break;
    }
  }
}
