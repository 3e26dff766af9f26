import { isInstalled } from "./installation.ts";
import { descriptions, type ServerName, serverNames } from "./server-name.ts";

export interface Availability {
  readonly name: ServerName;
  /** "OpenBao 2.7.2" */
  readonly title: string;
  readonly installed: boolean;
}

/** Which of the servers can be started here. */
export function availableServers(): Availability[] {
  return serverNames.map((name) => ({ name, title: descriptions[name].title, installed: isInstalled(name) }));
}

/** `LETTERLOCK_SERVERS=required`, as CI sets it: a server that is missing fails the run. Without it, what needs a missing server does not run. */
export function serversAreRequired(): boolean {
  const wish = process.env.LETTERLOCK_SERVERS;
  if (wish !== undefined && wish !== "" && wish !== "required") throw new RangeError("LETTERLOCK_SERVERS must be required or not be set");
  return wish === "required";
}

/**
 * Whether a server can be started here, for a test file that runs against it. Where servers are required, a missing one is an error. Elsewhere a line on the
 * console says what is not run, so that it is not left out in silence.
 */
export function requireServer(name: ServerName): boolean {
  if (isInstalled(name)) return true;
  if (serversAreRequired()) throw new Error(missingServer(name));
  console.warn(`not run: ${missingServer(name)}`);
  return false;
}

/** What is not judged without the server, and how to install it. */
export function missingServer(name: ServerName): string {
  const { title, judges } = descriptions[name];
  return `${judges} on ${title}, which is not installed here; npm run servers:install installs it`;
}
