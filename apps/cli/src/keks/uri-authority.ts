import { isIPv6 } from "node:net";
import { usage } from "../failure.ts";

/** HOST[:PORT] of a KEK URI. */
export interface Authority {
  /** In lower case; an IPv6 address in brackets. */
  readonly host: string;
  readonly port: number | undefined;
  readonly loopback: boolean;
}

/** `example`: what to write instead, for the message. Text with an @ is never repeated: before it may stand a password. */
export function parseAuthority(text: string, scheme: string, example: string): Authority {
  if (text.includes("@")) throw usage(`${scheme}: credentials do not belong into a KEK: write ${example}`);
  const [, host = "", port] = /^(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(\d{1,5}))?$/.exec(text.toLowerCase()) ?? [];
  const invalid = host === "" || (host.startsWith("[") && !isIPv6(host.slice(1, -1)));
  if (invalid || (port !== undefined && (Number(port) < 1 || Number(port) > 65_535))) {
    throw usage(`${scheme}: ${text === "" ? "the host is missing" : `${text} is no host`}: write ${example}`);
  }
  return { host, port: port === undefined ? undefined : Number(port), loopback: isLoopback(host) };
}

export function authorityText({ host, port }: Authority): string {
  return port === undefined ? host : `${host}:${port}`;
}

/** What only this machine can reach. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
