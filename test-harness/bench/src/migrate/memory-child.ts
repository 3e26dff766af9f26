// Migrates so many objects of one kind of store; `memory-rows.ts` starts it in a process of its own and reads its peak.
import { postgresStore, run } from "@letterlock/migrate";
import { connect } from "./connect.ts";
import { discardingStore } from "./discarding-store.ts";
import { localKeks, sealedValue } from "./local-keks.ts";

const [secret = "", objects = "", endpoint, table = ""] = process.argv.slice(2);
const keks = localKeks(Buffer.from(secret, "hex"));
const pool = endpoint === undefined ? undefined : connect(endpoint, 3);
const store =
  pool === undefined ? discardingStore(Number(objects), await sealedValue(keks)) : postgresStore({ client: pool, table, column: "value" });
const { ok, classes } = await run({ store, from: [keks.old], to: [keks.target] });
await pool?.end();
if (!ok || classes.migrated !== Number(objects)) throw new Error(`the run ended with ${JSON.stringify(classes)}`);
