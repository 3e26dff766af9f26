import { installServers } from "./installation.ts";
import { pinRequirements } from "./pinned-requirements.ts";
import { descriptions, type ServerName, serverNames } from "./server-name.ts";

const [command, ...rest] = process.argv.slice(2);
const known = rest.every((name) => (serverNames as readonly string[]).includes(name));
const names = rest.length === 0 ? serverNames : (rest as ServerName[]);

if (command === "install" && known) {
  for (const { name, ok, outcome } of await installServers(names)) {
    console.log(`${descriptions[name].title}: ${outcome}`);
    if (!ok) process.exitCode = 1;
  }
} else if (command === "pin" && known) {
  for (const name of names) console.log(await pinRequirements(name));
} else {
  console.log(`install or pin, and which of ${serverNames.join(", ")}; all of them by default`);
  process.exitCode = 2;
}
