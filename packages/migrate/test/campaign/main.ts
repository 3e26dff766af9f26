import { requireDebianServer, startPostgres } from "@letterlock/servers";
import { crashCampaign } from "./crash-campaign.ts";
import { kinds } from "./crash-setup.ts";
import { type Death, deaths } from "./deaths.ts";

// npm run campaign:crash [kills] [seed]: a thousand kills by default, over all kinds of stores.
const kills = Number(process.argv[2] ?? 1000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
console.log(`${kills} kills, seed ${seed}`);
const possible = kinds.filter((kind) => kind !== "postgres" || requireDebianServer("postgresql"));
await using server = possible.includes("postgres") ? await startPostgres() : undefined;
const began = performance.now();
const perRound = 20;
const counts = new Map(possible.map((kind) => [kind, new Map<Death, number>()]));
const killed = new Map(possible.map((kind) => [kind, 0]));
let [total, edits, round] = [0, 0, 0];
while (total < kills && process.exitCode === undefined) {
  for (const kind of possible) {
    const share = Math.ceil(kills / possible.length) - (killed.get(kind) ?? 0);
    if (share <= 0 || total >= kills) continue;
    const roundSeed = seed + round++;
    const campaign = await crashCampaign(kind, "none", Math.min(perRound, share), roundSeed, server?.endpoint);
    killed.set(kind, (killed.get(kind) ?? 0) + campaign.kills);
    total += campaign.kills;
    edits += campaign.edits;
    for (const [death, count] of campaign.deaths) counts.get(kind)?.set(death, (counts.get(kind)?.get(death) ?? 0) + count);
    const seconds = (performance.now() - began) / 1000;
    const left = (seconds / total) * Math.max(0, kills - total);
    console.log(
      `${kind}: ${killed.get(kind)} kills, ${campaign.lost.length} lost; ${total} of ${kills} in ${seconds.toFixed(0)} s, about ${left.toFixed(0)} s left`,
    );
    if (campaign.lost.length === 0) continue;
    console.error(`lost with seed ${roundSeed}:\n${campaign.lost.join("\n")}`);
    process.exitCode = 1;
  }
}
console.log(`\n${total} kills in ${((performance.now() - began) / 1000).toFixed(0)} s, ${edits} edits by others, seed ${seed}. Killed:`);
console.log(`${possible.map((kind) => kind.padStart(9)).join("")}`);
for (const death of deaths)
  console.log(`${possible.map((kind) => String(counts.get(kind)?.get(death) ?? 0).padStart(9)).join("")}  ${death}`);
if (process.exitCode === undefined) console.log("nothing was lost");
