import { afterAll, describe, expect, test } from "vitest";
import { everyOutage, everyPair, type PairedKek } from "../src/pairs.ts";
import { emulatedTargets } from "../src/targets.ts";

const running = new AsyncDisposableStack();
const paired: PairedKek[] = [];
for (const { adapter, server, start } of emulatedTargets) {
  const target = running.use(await start());
  if (target.paired !== undefined) paired.push({ provider: adapter, server, ...target.paired });
}
const pairs = await everyPair(paired);
const outages = await everyOutage(paired);
afterAll(() => running.disposeAsync());

test("there are four providers, and so twelve ordered pairs and twelve outages of three", () => {
  expect(paired.map(({ kek }) => kek.provider).sort()).toEqual(["aws-kms", "azure-key-vault", "gcp-kms", "vault-transit"]);
  expect(pairs).toHaveLength(12);
  expect(outages).toHaveLength(12);
});

describe("what is sealed under one provider opens under another after rewrap, its payload untouched", () => {
  test.each(pairs)("from $from to $to", ({ error }) => {
    expect(error).toBeUndefined();
  });
});

describe("an envelope for three opens while one is down", () => {
  test.each(outages.map((outage) => ({ ...outage, others: outage.recipients.filter((one) => one !== outage.down).join(" and ") })))(
    "$down, with $others left",
    ({ error, openedBy, down }) => {
      expect(error).toBeUndefined();
      expect(openedBy).not.toBe(down);
    },
  );
});
