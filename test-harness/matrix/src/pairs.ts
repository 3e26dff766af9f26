import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { type Attempt, type Kek, LetterlockError, open, rewrap, seal, splitEnvelope } from "@letterlock/core";

/** A KEK at a service that can be taken away and brought back. */
export interface PairedKek {
  readonly provider: string;
  readonly server: string;
  readonly kek: Kek;
  /** From here on the service breaks every connection. */
  goDown(): void;
  comeBack(): void;
}

export interface PairResult {
  readonly from: string;
  readonly to: string;
  readonly error: string | undefined;
}

export interface OutageResult {
  readonly recipients: readonly string[];
  readonly down: string;
  /** Who opened the envelope in its place. */
  readonly openedBy: string | undefined;
  readonly error: string | undefined;
}

const context = { tenant: "acme", purpose: "matrix" };

/** Seals under A, rewraps to B, opens with B, for every ordered pair. */
export async function everyPair(keks: readonly PairedKek[]): Promise<PairResult[]> {
  const results: PairResult[] = [];
  for (const from of keks) {
    for (const to of keks) {
      if (from === to) continue;
      results.push({ from: label(from), to: label(to), error: await errorOf(() => move(from.kek, to.kek)) });
    }
  }
  return results;
}

/** Every three of them as the recipients of one envelope, each in turn down while it is opened. */
export async function everyOutage(keks: readonly PairedKek[]): Promise<OutageResult[]> {
  const results: OutageResult[] = [];
  for (const three of threes(keks)) {
    for (const down of three) {
      let openedBy: string | undefined;
      const error = await errorOf(async () => {
        openedBy = await openDuringOutage(three, down);
      });
      results.push({ recipients: three.map(label), down: label(down), openedBy, error });
    }
  }
  return results;
}

async function move(from: Kek, to: Kek): Promise<void> {
  const plaintext = randomBytes(1000);
  const sealed = await seal(plaintext, [from], { context });
  const moved = await rewrap(sealed, { from: [from], to: [to] }, { context });
  deepStrictEqual(Buffer.from(await open(moved, [to], { context })), plaintext, "another plaintext came out");
  deepStrictEqual(splitEnvelope(moved).record, splitEnvelope(sealed).record, "the payload was rewritten");
  await rejects(open(moved, [from], { context }), (error) => LetterlockError.is(error) && error.code === "no-matching-kek");
}

async function openDuringOutage(three: readonly PairedKek[], down: PairedKek): Promise<string> {
  const plaintext = randomBytes(1000);
  const keks = [down, ...three.filter((other) => other !== down)].map(({ kek }) => kek);
  const sealed = await seal(plaintext, keks, { context });
  const failed: Attempt[] = [];
  down.goDown();
  try {
    const opened = await open(sealed, keks, { context, onFailedAttempt: (attempt) => failed.push(attempt) });
    deepStrictEqual(Buffer.from(opened), plaintext, "another plaintext came out");
  } finally {
    down.comeBack();
  }
  deepStrictEqual(
    failed.map(({ provider, code }) => [provider, code]),
    [[down.kek.provider, "unavailable"]],
  );
  strictEqual(
    Buffer.from(await open(sealed, [down.kek], { context })).equals(plaintext),
    true,
    "the one that was down does not open it afterwards",
  );
  return label(three.find((other) => other !== down) ?? down);
}

function threes<T>(all: readonly T[]): T[][] {
  return all.flatMap((a, i) => all.slice(i + 1).flatMap((b, j) => all.slice(i + j + 2).map((c) => [a, b, c])));
}

async function errorOf(run: () => Promise<void>): Promise<string | undefined> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message.split("\n")[0] : String(error);
  }
}

function label({ provider, server }: PairedKek): string {
  return `${provider} (${server})`;
}
