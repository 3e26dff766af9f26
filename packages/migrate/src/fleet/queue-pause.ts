import { type Fleet, keysOf, type PartitionQueue } from "./fleet.ts";

/** Pauses the queue of a store, or lets it go on, as the fleet is. Looks again afterwards: whoever pauses or resumes the fleet meanwhile may have been at this queue before. */
export async function pauseAsFleet(fleet: Fleet, queue: PartitionQueue): Promise<void> {
  const isPaused = async (): Promise<boolean> => (await fleet.connection.exists(keysOf(fleet).paused)) === 1;
  for (let shall = await isPaused(), was: boolean | undefined; shall !== was; was = shall, shall = await isPaused())
    await (shall ? queue.pause() : queue.resume());
}
