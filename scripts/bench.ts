import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { command, root } from "./command.ts";

const built = await command("turbo", ["run", "build", "--output-logs=errors-only"]);
if (!built.ok) {
  console.log(built.output);
  process.exit(1);
}
const [main = "main.ts", ...args] = process.argv.slice(2);
const { status } = spawnSync(process.execPath, [join(root, "test-harness", "bench", "src", main), ...args], { stdio: "inherit" });
process.exitCode = status ?? 1;
