import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./command.ts";

const main = join(root, "packages", "migrate", "test", "fleet", "campaign", "main.ts");
const { status } = spawnSync(process.execPath, ["--conditions=source", main, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
