import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { providerCallChannel } from "../../src/index.ts";

/** What is published from now on, until it is asked for. */
export function listening(): () => readonly unknown[] {
  const published: unknown[] = [];
  const listen = (call: unknown): void => void published.push(call);
  subscribe(providerCallChannel, listen);
  return () => {
    unsubscribe(providerCallChannel, listen);
    return published;
  };
}
