import { connect } from "node:net";
import { expect } from "vitest";
import type { RunningServer } from "../src/running-server.ts";
import { groupExists } from "./group-is-gone.ts";

/** Closes a server and sees that nothing of it is left: no process, and nobody on its port and the one after it. */
export async function expectToLeaveNothing(server: RunningServer): Promise<void> {
  const port = Number(new URL(server.endpoint).port);
  expect(groupExists(server.pid)).toBe(true);
  expect(await isOpen(port)).toBe(true);
  await server.close();
  expect(groupExists(server.pid)).toBe(false);
  expect([await isOpen(port), await isOpen(port + 1)]).toEqual([false, false]);
  await server.close();
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
