import { startPostgres, startRedis } from "@letterlock/servers";
import { fleetCampaign } from "./fleet-campaign.ts";

// npm run campaign:fleet [rows] [seed]: 100,000 rows by default.
const rows = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? Date.now() % 1_000_000_000);
const quota = 1_000;
console.log(`${rows} rows, quota of ${quota} calls per second, seed ${seed}`);
await using redis = await startRedis();
await using postgres = await startPostgres();
const campaign = await fleetCampaign(
  { redis: redis.endpoint, postgres: postgres.endpoint },
  { rows, quota, seed, partitions: Math.ceil(rows / 50), log: (line) => console.log(line) },
);
console.log(JSON.stringify(campaign, null, 1));
const { books, lost, aws, vault, exitCodes } = campaign;
const holds = {
  "nothing is lost": lost.count === 0,
  "nothing is counted twice": books.scanned === rows,
  "the books balance": books.classes.migrated + books.classes.already === rows,
  "the quota of AWS was kept": aws.mostInASecond <= quota,
  "the quota of Vault was kept": vault.mostInASecond <= quota,
  "drained workers ended well": exitCodes.every((code) => code === 0),
};
for (const [what, is] of Object.entries(holds)) console.log(`${is ? "yes" : "NO "} ${what}`);
if (!Object.values(holds).every((is) => is)) process.exitCode = 1;
