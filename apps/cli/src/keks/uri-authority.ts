import { usage } from "../failure.ts";

/** HOST[:PORT] of a KEK URI. */
export interface Authority {
  /** In lower case; an IPv6 address in brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly loopback: boolean;
}

/** Of ASCII alone: some other letters are such in lower case. */
const authorityPattern = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5}))?$/;

/** Addresses that mean this machine without being loopback addresses. */
const unspecified = /^(0\.0\.0\.0|\[::\]|\[::ffff:.*\])$/;

/** `rest`: all of a URI after the scheme. It is refused before any part of it is repeated: a password may have slashes, and `?` and `#`. */
export function refuseCredentials(rest: string, scheme: string, example: string): void {
  if (rest.includes("@")) throw usage(`${scheme}: credentials do not belong into a KEK: write ${example}`);
}

/** `example`: what to write instead, for the message. */
export function parseAuthority(text: string, scheme: string, example: string): Authority {
  refuseCredentials(text, scheme, example);
  const [, written = "", port] = authorityPattern.exec(text) ?? [];
  const host = written.toLowerCase();
  const reached = hostReached(host);
  if (reached === undefined || unspecified.test(reached) || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) {
    throw usage(`${scheme}: ${text === "" ? "the host is missing" : `${text} is no host`}: write ${example}`);
  }
  if (reached !== host) throw usage(`${scheme}: ${host} is another way to write ${reached}: write that`);
  return { host, port: port === undefined ? undefined : Number(port), loopback: isLoopback(host) };
}

/** What a URL makes of a host: 0x7f.1 is 127.0.0.1. */
function hostReached(host: string): string | undefined {
  const url = `https://${host}`;
  return host !== "" && URL.canParse(url) ? new URL(url).hostname : undefined;
}

export function authorityText({ host, port }: Authority): string {
  return port === undefined ? host : `${host}:${port}`;
}

/** What only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
