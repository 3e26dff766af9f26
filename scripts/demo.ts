import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { command, root } from "./command.ts";

const built = await command("turbo", ["run", "build", "--filter=letterlock...", "--output-logs=errors-only"]);
if (!built.ok) {
  console.log(built.output);
  process.exit(1);
}
const { status } = spawnSync(process.execPath, [join(root, "scripts", "demo", "main.ts"), ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
