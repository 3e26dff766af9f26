import { randomBytes } from "node:crypto";
import { seal } from "@letterlock/core";
import { type AdapterSubject, adapterSubjects, benchCall } from "./adapter-subjects.ts";
import { type Effort, interleaved, type Repeat } from "./interleaved.ts";
import { median, medianRatio } from "./median.ts";
import type { Outcome, Row } from "./row.ts";

/** Each call crosses a socket and an emulator in this process, so rounds are longer than usual. */
const effort: Effort = { rounds: 41, roundMs: 60 };
const inFlight = 64;
const seals = 2_000;

export async function adapterRows(): Promise<Outcome[]> {
  const rows: Outcome[] = [];
  for (const start of adapterSubjects) {
    await using subject = await start();
    rows.push(...(await rowsOf(subject)));
  }
  return rows;
}

async function rowsOf(subject: AdapterSubject): Promise<Row[]> {
  const { name, kek } = subject;
  const call = benchCall();
  const dataKey = new Uint8Array(randomBytes(32));
  const recipient = { provider: kek.provider, keyRef: kek.keyRef, ...(await kek.wrap(dataKey, call)) };
  const wrapped = await subject.bareWrap(dataKey, call);
  const wraps = await interleaved(
    { ours: repeat(() => kek.wrap(dataKey, call)), bare: repeat(() => subject.bareWrap(dataKey, call)) },
    effort,
  );
  const unwraps = await interleaved(
    { ours: repeat(() => kek.unwrap(recipient, call)), bare: repeat(() => subject.bareUnwrap(wrapped, call)) },
    effort,
  );
  subject.requests();
  const perSecond = await sealsPerSecond(subject);
  const requestsPerSeal = subject.requests() / seals;
  return [
    overhead(`${name}, wrap, time of the bare SDK call`, wraps),
    overhead(`${name}, unwrap, time of the bare SDK call`, unwraps),
    {
      what: `${name}, requests for one seal; ${inFlight} in flight`,
      ours: `${perSecond.toFixed(0)} seals/s`,
      peer: "",
      result: requestsPerSeal,
      unit: "x",
      bound: "at most",
      target: 1,
    },
  ];
}

async function sealsPerSecond({ kek }: AdapterSubject): Promise<number> {
  const message = new Uint8Array(randomBytes(100));
  const started = performance.now();
  let left = seals;
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left-- > 0) await seal(message, [kek], { context: { tenant: "acme" } });
    }),
  );
  return seals / ((performance.now() - started) / 1000);
}

function overhead(what: string, { ours, bare }: { readonly ours: number[]; readonly bare: number[] }): Row {
  return {
    what,
    ours: `${(median(ours) * 1000).toFixed(0)} µs`,
    peer: `${(median(bare) * 1000).toFixed(0)} µs`,
    result: medianRatio(ours, bare),
    unit: "x",
    bound: "at most",
    target: 1.05,
  };
}

function repeat(work: () => Promise<unknown>): Repeat {
  return async (times) => {
    for (let done = 0; done < times; done++) await work();
  };
}
