import { rewrap, verify } from "@letterlock/core";
import { median } from "../median.ts";
import type { Outcome } from "../row.ts";
import { localKeks, sealedValue } from "./local-keks.ts";

const rounds = 31;
const perRound = 2_000;

/** Headers per second of processor time, of all threads of the process together: a busy machine makes them slow, but hardly more expensive. */
export async function rewrapRows(): Promise<Outcome[]> {
  const keks = localKeks();
  const { old, target } = keks;
  const object = await sealedValue(keks);
  const options = { context: { tenant: "acme", table: "users" } };
  const rewrapped = await headersPerSecond(() => rewrap(object, { from: [old], to: [target] }, options));
  const verified = await headersPerSecond(async () => {
    const changed = await rewrap(object, { from: [old], to: [target] }, options);
    const { ok } = await verify(changed, [target], options);
    if (!ok) throw new Error("the target does not open what was wrapped for it");
  });
  return [
    {
      what: "rewrap, local to local, headers per second of processor time",
      ours: `${(1e6 / rewrapped).toFixed(1)} µs`,
      peer: `${(1e6 / verified).toFixed(1)} µs with verify`,
      result: rewrapped,
      unit: "/s",
      bound: "at least",
      target: 20_000,
    },
  ];
}

/** The median of rounds. */
async function headersPerSecond(work: () => Promise<unknown>): Promise<number> {
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const began = process.cpuUsage();
    for (let done = 0; done < perRound; done++) await work();
    const { user, system } = process.cpuUsage(began);
    rates.push((perRound * 1e6) / (user + system));
  }
  // The first rounds compile.
  return median(rates.slice(5));
}
