import { setTimeout as wait } from "node:timers/promises";
import { startAwsKms, startVaultTransit } from "@letterlock/emulators";
import { Redis } from "ioredis";
import { drainFleet, enqueue, type Fleet, fleetStatus } from "../../../src/bullmq.ts";
import { mergedBooks } from "../../../src/fleet/merged-books.ts";
import { type Books, postgresStore } from "../../../src/index.ts";
import { seeded } from "../../campaign/seeded.ts";
import { connectAll } from "../../support/postgres-connections.ts";
import { startProcesses } from "./fleet-processes.ts";
import { keysOf, ledger, type Mutation, queue, type Setup, store, table } from "./fleet-setup.ts";
import { mostInASecond, type RequestWatch, watchRequests } from "./request-watch.ts";
import { fillTable, lostRows } from "./sealed-rows.ts";

export interface CampaignOptions {
  readonly rows: number;
  readonly partitions: number;
  /** Calls to each provider in any second. */
  readonly quota: number;
  readonly seed: number;
  readonly mutation?: Mutation;
  readonly log?: (line: string) => void;
}

export interface Campaign {
  readonly kills: number;
  /** Workers that were held still for longer than their lock, and went on. */
  readonly zombies: number;
  readonly seconds: number;
  readonly books: Books;
  readonly exitCodes: readonly (number | null)[];
  readonly lost: { readonly count: number; readonly first: readonly string[] };
  readonly aws: { readonly requests: number; readonly mostInASecond: number };
  readonly vault: { readonly requests: number; readonly mostInASecond: number };
}

const outageMs = 3_000;
const stormRequests = 200;
/** For one row: ten times what a busy machine takes. */
const patienceMs = 250;

/**
 * Four workers move a table from AWS to Vault. Each second one is killed and another started; now and then one is held still until others have its partition; Vault is away
 * once, and AWS throttles once. At the end every row is compared, the books are read, and so are the logs of both services.
 */
export async function fleetCampaign(
  servers: { readonly redis: string; readonly postgres: string },
  options: CampaignOptions,
): Promise<Campaign> {
  const { rows, partitions, quota, seed, mutation = "none", log = () => undefined } = options;
  const random = seeded(seed);
  await using resources = new AsyncDisposableStack();
  const aws = resources.use(await startAwsKms());
  const vault = resources.use(await startVaultTransit());
  vault.admin.createKey({ name: "app" });
  const setup: Setup = {
    ...servers,
    aws: { endpoint: aws.endpoint, keyArn: await aws.admin.createKey() },
    vault: { endpoint: vault.endpoint, token: vault.rootToken, keyName: "app" },
    ...{ quota, mutation },
  };
  const connection = new Redis(servers.redis);
  resources.defer(() => connection.disconnect());
  await connection.flushall();
  const fleet: Fleet = { connection, queue };
  const keys = keysOf(setup);
  resources.defer(keys.close);
  const client = await connectAll(servers.postgres, 2);
  resources.defer(client.end);
  await fillTable(client, rows, keys.old);
  log(`${rows} rows are sealed`);
  const migration = { store: postgresStore({ client, table, column: "ssn" }), from: [keys.old], to: [keys.target] };
  const run = await enqueue(fleet, { operation: "run", stores: { [store]: migration }, partitions });
  log(`${partitions} partitions are queued`);
  for (const { admin } of [aws, vault]) admin.takeRequests();
  const watches = { aws: watchRequests(aws.admin.takeRequests), vault: watchRequests(vault.admin.takeRequests) };

  const began = performance.now();
  const seconds = (): number => Math.round((performance.now() - began) / 1000);
  const processes = startProcesses(setup);
  resources.defer(processes.killAll);
  const scanned = async (): Promise<{ readonly books: Books; readonly isComplete: boolean }> => {
    const [one] = (await fleetStatus(fleet, { run })).runs;
    if (one === undefined) throw new Error("the run is gone");
    if (one.stores.some(({ missing }) => missing > 0)) throw new Error("a partition was given up");
    return one;
  };
  let [kills, zombies, isOut, isStormy] = [0, 0, false, false];
  for (let status = await scanned(); !status.isComplete; status = await scanned()) {
    await wait(1_000);
    const share = status.books.scanned / rows;
    if (!isOut && share > 0.25) {
      isOut = true;
      log(`${seconds()} s: Vault is away`);
      vault.admin.fail({ as: "unavailable", times: Number.POSITIVE_INFINITY });
      void wait(outageMs).then(() => vault.admin.clearFaults());
    }
    if (!isStormy && share > 0.6) {
      isStormy = true;
      log(`${seconds()} s: AWS throttles`);
      aws.admin.fail({ as: "throttled", operation: "Decrypt", times: stormRequests });
    }
    if (performance.now() - began > rows * patienceMs) throw new Error(`the fleet is not done after ${seconds()} seconds`);
    if (kills % 4 === 1 && processes.holdStill(random)) zombies += 1;
    if (processes.killOne(random)) kills += 1;
    log(`${seconds()} s: ${status.books.scanned} scanned, ${kills} killed, ${zombies} held still`);
  }
  const { books } = await scanned();
  const took = seconds();
  processes.goOn();
  await drainFleet(fleet);
  const exitCodes = await processes.ended();
  for (const watch of Object.values(watches)) watch.stop();
  log(`${took} s: complete; comparing every row`);
  return {
    ...{ kills, zombies, seconds: took, exitCodes },
    books: mutation === "no lock" ? await ledgerBooks(connection) : books,
    lost: await lostRows(client, rows, keys.target),
    aws: judged(watches.aws),
    vault: judged(watches.vault),
  };
}

function judged({ at }: RequestWatch): { readonly requests: number; readonly mostInASecond: number } {
  return { requests: at.length, mostInASecond: mostInASecond(at) };
}

async function ledgerBooks(connection: Redis): Promise<Books> {
  return mergedBooks((await connection.lrange(ledger, 0, -1)).map((text) => JSON.parse(text) as Books));
}
