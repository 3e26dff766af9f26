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
 * Whether a server can be started here. Where servers are required, a missing one is an error, so that a test file which asks first cannot leave it out
 * unnoticed.
 */
export function requireServer(name: ServerName): boolean {
  const installed = isInstalled(name);
  if (!installed && serversAreRequired()) throw new Error(missingServer(name));
  return installed;
}

/** One line for people: what did not run, and how to install. */
export function missingServer(name: ServerName): string {
  const { title, judges } = descriptions[name];
  return `${title} is not installed: nothing ran against it, ${judges} was judged by the other servers alone. To install it: npm run servers:install`;
}
