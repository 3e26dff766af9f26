// The door to every root script. It runs on the Node that the machine has, so it is plain JavaScript without dependencies: it installs what
// the lockfile lists, unless that is done already, and then runs the named script on the Node 24 that was installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const stampFile = join(root, "node_modules", ".letterlock-installed");
const node = join(root, "node_modules", "node", "bin", "node");
const [script, ...args] = process.argv.slice(2);

await install();
process.exitCode = await run(node, [join(root, script), ...args], {
  stdio: "inherit",
  env: { ...process.env, PATH: [join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter) },
});

async function install() {
  const wanted = fingerprint();
  if (existsSync(node) && existsSync(stampFile) && readFileSync(stampFile, "utf8") === wanted) return;
  const started = Date.now();
  console.log(
    "Installing what the lockfile lists, Node 24 and Node 22 among it, into node_modules. This happens once and takes up to a minute.",
  );
  const ticking = setInterval(() => console.log(`  still installing, ${seconds(started)}`), 15_000);
  const output = [];
  const code = await run("npx", ["--yes", "pnpm@12", "install", "--frozen-lockfile"], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, CI: "true" },
    onOutput: (chunk) => output.push(chunk),
  });
  clearInterval(ticking);
  if (code !== 0 || !existsSync(node)) {
    process.stdout.write(Buffer.concat(output));
    console.log(
      "The installation failed; what pnpm said is above. It needs access to the npm registry, and install scripts must be allowed.",
    );
    process.exit(code || 1);
  }
  writeFileSync(stampFile, wanted);
  console.log(`Installed in ${seconds(started)}.`);
}

function fingerprint() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const name of ["pnpm-lock.yaml", "pnpm-workspace.yaml"]) hash.update(readFileSync(join(root, name)));
  return hash.digest("hex");
}

function run(command, commandArgs, { onOutput, ...options }) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, commandArgs, { cwd: root, ...options });
    child.stdout?.on("data", onOutput);
    child.stderr?.on("data", onOutput);
    // A Ctrl-C reaches the child too; it decides when to stop.
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => signal === "SIGTERM" && child.kill(signal));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? (signal === "SIGINT" ? 130 : 1)));
  });
}

function seconds(since) {
  return `${Math.round((Date.now() - since) / 1000)} s`;
}
