// A program of its own: leash.ts GRACE_MS COMMAND [ARGUMENT...]
// Runs a command for as long as standard input stays open, which is as long as the process that started this one lives and wants it. Then the command gets
// SIGTERM, and SIGKILL after the grace. Nothing of the process group survives the command, so this must lead a group of its own.
import { spawn } from "node:child_process";

const [graceMs, program = "", ...args] = process.argv.slice(2);
const command = spawn(program, args, { stdio: ["ignore", "inherit", "inherit"] });

command.once("error", (error) => end(error.message));
command.once("exit", (code, signal) => end(`ended with ${signal ?? code}`));
process.stdin.on("error", () => undefined);
process.stdin.once("close", () => {
  command.kill("SIGTERM");
  setTimeout(() => end("killed"), Number(graceMs));
});
process.stdin.resume();

function end(how: string): void {
  process.stdout.write(`${how}\n`, () => process.kill(-process.pid, "SIGKILL"));
}
