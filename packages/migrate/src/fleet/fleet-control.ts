import { checkFleet, type Fleet, keysOf, serverTime, withQueue } from "./fleet.ts";
import { pauseAsFleet } from "./queue-pause.ts";
import { jobIds, readHeaders, readManifest } from "./run-manifest.ts";

/** No worker takes a partition any more, and those that work hold between two objects, at their next sign of life. `fleetStatus` says when all have. */
export async function pauseFleet(fleet: Fleet): Promise<void> {
  checkFleet(fleet);
  const { paused, stores } = keysOf(fleet);
  await fleet.connection.set(paused, "1");
  for (const store of await fleet.connection.smembers(stores)) await withQueue(fleet, store, (queue) => pauseAsFleet(fleet, queue));
}

export async function resumeFleet(fleet: Fleet): Promise<void> {
  checkFleet(fleet);
  const { paused, stores } = keysOf(fleet);
  await fleet.connection.del(paused);
  for (const store of await fleet.connection.smembers(stores)) await withQueue(fleet, store, (queue) => pauseAsFleet(fleet, queue));
}

/** Every worker that runs now ends as by its own `drain`. Workers that are started later work. */
export async function drainFleet(fleet: Fleet): Promise<void> {
  checkFleet(fleet);
  await fleet.connection.set(keysOf(fleet).drained, String(await serverTime(fleet)));
}

/**
 * The run is not wanted any more: partitions that wait are not taken, those that are worked on end between two objects at the next sign of life, and its books go. What
 * was written stays written. For a run that is complete: its books are not needed any more.
 */
export async function cancelRun(fleet: Fleet, run: string): Promise<void> {
  checkFleet(fleet);
  const { runs, run: runKey, proofs } = keysOf(fleet);
  const header = (await readHeaders(fleet)).get(run);
  if (header === undefined) throw new TypeError(`there is no run ${run}`);
  await fleet.connection.hdel(runs, run);
  for (const store of header.stores) {
    const manifest = await readManifest(fleet, run, header, store);
    const ids = manifest === undefined ? [] : jobIds(run, header, store, manifest);
    await withQueue(fleet, store, async (queue) => {
      // One that is locked stays, and is gone when its worker has noticed.
      for (const id of ids) await queue.remove(id);
    });
  }
  await fleet.connection.del(runKey(run, header.began), proofs(run, header.began));
}
