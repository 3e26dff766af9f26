/** Repeats the work `times` times. A loop of its own per subject, so that synchronous work is not measured through a promise. */
export type Repeat = (times: number) => void | Promise<void>;

export interface Effort {
  readonly rounds: number;
  /** How long one subject runs in one round. Rounds are short, so that noise hits both sides alike, and many. */
  readonly roundMs: number;
}

const usual: Effort = { rounds: 31, roundMs: 40 };

/** Milliseconds per piece of work, one list per subject and one value per round. Subjects take turns, in alternating order. */
export async function interleaved<Name extends string>(
  subjects: Record<Name, Repeat>,
  effort: Effort = usual,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(subjects) as Name[];
  const times = {} as Record<Name, number>;
  const results = {} as Record<Name, number[]>;
  for (const name of names) {
    times[name] = await calibrated(subjects[name], effort.roundMs);
    results[name] = [];
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      results[name].push((await elapsed(subjects[name], times[name])) / times[name]);
    }
  }
  return results;
}

/** Runs of one piece of work each, for work that takes long enough by itself. */
export async function turns<Name extends string>(
  subjects: Record<Name, () => Promise<number>>,
  rounds: number,
): Promise<Record<Name, number[]>> {
  const names = Object.keys(subjects) as Name[];
  const results = {} as Record<Name, number[]>;
  for (const name of names) {
    await subjects[name]();
    results[name] = [];
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) results[name].push(await subjects[name]());
  }
  return results;
}

/** How often the work fits into a round; finding out warms the compiler up. */
async function calibrated(repeat: Repeat, roundMs: number): Promise<number> {
  for (let times = 1; ; times *= 2) {
    const ms = await elapsed(repeat, times);
    if (ms > 2 * roundMs) return Math.max(1, Math.round((times * roundMs) / ms));
  }
}

async function elapsed(repeat: Repeat, times: number): Promise<number> {
  const started = performance.now();
  const pending = repeat(times);
  if (pending !== undefined) await pending;
  return performance.now() - started;
}
