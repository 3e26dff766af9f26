// A program of its own: starts a process, prints its id, and either ends without stopping it or waits to be killed.
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { startLeashed } from "../src/leashed-process.ts";

const [folder = "", leaves] = process.argv.slice(2);
const script = "sleep 600 & echo up; wait";
const logFile = join(folder, `child-of-${process.pid}.log`);
const child = await startLeashed({ program: "/bin/sh", args: ["-c", script], env: {}, cwd: folder, logFile });
while (!child.log().includes("up")) await wait(10);
console.log(child.pid);
if (leaves !== "true") setInterval(() => undefined, 60_000);
