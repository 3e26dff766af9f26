import { once } from "node:events";
import { Redis } from "ioredis";
import { Pool } from "pg";
import { type FleetWorker, type FleetWorkerOptions, fleetWorkerWith } from "../../../src/fleet/fleet-worker.ts";
import { postgresStore } from "../../../src/index.ts";
import { concurrency, keysOf, ledger, lockMs, queue, type Setup, store, table } from "./fleet-setup.ts";

// A worker that stands by until it is told to go, and works until it is killed or the fleet is drained.
let worker: FleetWorker | undefined;
process.on("SIGTERM", () => void worker?.drain());
process.stdout.write("ready\n");
await once(process.stdin, "data");
process.stdin.destroy();
const setup = JSON.parse(process.argv[2] ?? "") as Setup;
const connection = new Redis(setup.redis, { maxRetriesPerRequest: null });
const { hostname, port } = new URL(setup.postgres);
const client = new Pool({ host: hostname, port: Number(port), user: "postgres", max: 4 });
const { old, target, close } = keysOf(setup, connection);
const hasLock = setup.mutation !== "no lock";
const options: FleetWorkerOptions = {
  stores: { [store]: () => ({ store: postgresStore({ client, table, column: "ssn" }), from: [old], to: [target] }) },
  ...{ lockMs, concurrency, beatMs: 500, retryMs: 200, patience: { firstPauseMs: 50 } },
  onEvent: (event) => {
    if (event.type === "failed" || event.type === "trouble") console.error(`worker ${process.pid}: ${event.type} ${event.reason}`);
    if (event.type === "lost") console.error(`worker ${process.pid}: lost partition ${event.index}`);
  },
};
worker = fleetWorkerWith(
  {
    endsLost: hasLock,
    walked: async ({ books }) => {
      if (!hasLock) await connection.rpush(ledger, JSON.stringify(books));
    },
  },
  { connection, queue },
  options,
);
await worker.ended;
await close();
await client.end();
connection.disconnect();
