import assert from "node:assert/strict";
import { capturedCall } from "../captured-call.ts";
import { both, type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { failure } from "../failure.ts";
import { settled } from "../settled.ts";
import { newDataKey, recipientOf, requireOpens, requireSame, type Specimen, specimen, wrap } from "../specimen.ts";
import type { Trial } from "../trial.ts";

export const concurrencyCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "fifty-at-once",
    title: "does 50 calls at once, each with its own answer",
    requirement:
      "50 wraps and 50 unwraps of one instance, each with its own data key and context, run at the same time and do not mix. Holds for batches too.",
    calls: "many",
    async run(trial) {
      const fifty = await fiftyCalls();
      const pairs = await pairsOf(trial);
      for (const { wrapper, unwrapper } of pairs) {
        const wrapped = await Promise.all(
          fifty.map(async ({ dataKey, call }) => ({
            dataKey,
            call,
            recipient: recipientOf(wrapper, await wrap(trial, wrapper, dataKey, call)),
          })),
        );
        // In another order, so that whoever mixes up calls mixes up others.
        await Promise.all(wrapped.reverse().map((one) => requireOpens(trial, unwrapper, one, "as one of 50 at once")));
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "one-bad-among-many",
    title: "fails only the bad one of many calls at once",
    requirement:
      "When one of many wrapped keys was changed, its call alone fails, with not-authentic. Holds for batches too, where the service answers for each item.",
    async run(trial) {
      for (const pair of await pairsOf(trial)) {
        const { unwrapper } = pair;
        const many: Specimen[] = [];
        for (let index = 0; index < 6; index++) many.push(await specimen(trial, { pair }));
        const bad = 2;
        const results = await Promise.all(
          many.map(({ recipient, call }, index) =>
            settled(trial, unwrapper, "unwrap", () => unwrapper.unwrap(index === bad ? damaged(recipient) : recipient, call)),
          ),
        );
        for (const [index, result] of results.entries()) {
          if (index === bad) {
            assert.ok(!result.ok, "a changed key opened beside others");
            assert.ok(result.code === "not-authentic", `a changed key beside others failed with ${result.code}`);
            continue;
          }
          if (!result.ok) throw failure(`unwrap failed with ${result.code} because another call was bad`, result.error, result.code);
          requireSame(result.value, many[index]?.dataKey ?? result.value.subarray(1), "unwrap gave another data key beside a bad call");
        }
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "batch-coalesces",
    title: "sends fewer requests than calls where it batches",
    requirement:
      "An adapter that offers batches sends calls that are made at once together, at most half as many requests as calls, each naming the configured key.",
    needs: both,
    skip: ({ createBatching, requests }) =>
      createBatching !== undefined && requests === undefined ? "the subject has no requests" : undefined,
    async run(trial) {
      const kek = await trial.batching();
      if (kek === undefined) return "the KEK does not batch";
      const one = await specimen(trial, { pair: { wrapper: kek, unwrapper: kek } });
      await trial.requests();
      const count = 20;
      const wrapped = await Promise.all(Array.from({ length: count }, () => wrap(trial, kek, one.dataKey, one.call)));
      await requireFew(trial, "wrap", count, kek.keyRef);
      await Promise.all(wrapped.map((each) => requireOpens(trial, kek, { ...one, recipient: recipientOf(kek, each) }, "from a batch")));
      await requireFew(trial, "unwrap", count, kek.keyRef);
      return undefined;
    },
  }),
];

async function pairsOf(trial: Trial): Promise<readonly Pick<Specimen, "wrapper" | "unwrapper">[]> {
  const batching = await trial.batching();
  const single = await trial.pair();
  return batching === undefined ? [single] : [single, { wrapper: batching, unwrapper: batching }];
}

async function fiftyCalls(): Promise<readonly Pick<Specimen, "dataKey" | "call">[]> {
  const numbers = Array.from({ length: 50 }, (_, index) => index);
  return Promise.all(numbers.map(async (row) => ({ dataKey: newDataKey(), call: await capturedCall({ context: { row: String(row) } }) })));
}

async function requireFew(trial: Trial, operation: string, count: number, keyRef: string): Promise<void> {
  const requests = await trial.requests();
  assert.ok(
    requests.length >= 1 && requests.length <= count / 2,
    `${operation} sent ${requests.length} requests for ${count} calls at once`,
  );
  assert.ok(
    requests.every(({ key }) => key === keyRef),
    `a batch of ${operation} does not name the configured key`,
  );
}

function damaged<R extends { readonly wrapped: Uint8Array }>(recipient: R): R {
  const wrapped = Uint8Array.from(recipient.wrapped);
  wrapped[wrapped.length - 1] = (wrapped[wrapped.length - 1] ?? 0) ^ 1;
  return { ...recipient, wrapped };
}
