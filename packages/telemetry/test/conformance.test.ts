import { randomBytes } from "node:crypto";
import { type KekSubject, runKek } from "@letterlock/conformance";
import { type Kek, localKek } from "@letterlock/core";
import { expect, test } from "vitest";
import { traced } from "../src/index.ts";
import { collecting } from "./support/collected.ts";
import { ScriptedError, scriptedKek } from "./support/scripted-kek.ts";

test("a traced KEK is to the conformance suite what the KEK is", { timeout: 60_000 }, async () => {
  const { options, spans } = collecting();
  const bare = await outcomes((kek) => kek);
  const seen = await outcomes((kek) => traced(kek, options));
  expect(seen).toEqual(bare);
  expect(bare.filter(([, outcome]) => outcome === "failed")).toEqual([]);
  expect(bare.filter(([, outcome]) => outcome === "passed").length).toBeGreaterThan(50);
  expect(spans().length).toBeGreaterThan(300);
});

async function outcomes(wrapping: (kek: Kek) => Kek): Promise<readonly (readonly [string, string])[]> {
  const secrets = { a: new Uint8Array(randomBytes(32)), b: new Uint8Array(randomBytes(32)) };
  const failing = (next: unknown): Kek => {
    const { kek, script } = scriptedKek("a");
    script.push(...Array<unknown>(100).fill(next));
    return wrapping(kek);
  };
  const subject: KekSubject = {
    create: (key) => wrapping(localKek({ name: key, secret: secrets[key] })),
    faults: {
      throttled: () => failing(new ScriptedError("throttled")),
      unavailable: () => failing(new ScriptedError("unavailable")),
      "access-denied": () => failing(new ScriptedError("access-denied")),
    },
    hanging: () => failing("hang"),
  };
  const { results } = await runKek(subject);
  return results.map(({ id, outcome }) => [id, outcome] as const);
}
