import { setTimeout as wait } from "node:timers/promises";

export function groupExists(pid: number): boolean {
  try {
    process.kill(-pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Waits until no process of a group is left, not even one that the system has yet to clear away. */
export async function untilGroupIsGone(pid: number): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (groupExists(pid)) {
    if (performance.now() > deadline) throw new Error(`processes of the group ${pid} are left`);
    await wait(10);
  }
}
