import { isIPv6 } from "node:net";
import type { EmulatorOptions } from "./emulator.ts";

export interface ListenAddress {
  readonly port: number;
  readonly host: string;
}

/** An emulator answers everybody, so it listens where only this machine can ask. */
export function listenAddress({ port = 0, host = "127.0.0.1", allowRemote = false }: EmulatorOptions): ListenAddress {
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new RangeError("port must be an integer from 0 to 65535");
  if (!allowRemote && !isLoopback(host)) {
    throw new RangeError(`${host} can be reached from other machines, and an emulator keeps no secret: use 127.0.0.1, or set allowRemote`);
  }
  return { port, host };
}

export function hostInUrl(host: string): string {
  return isIPv6(host) ? `[${host}]` : host;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
