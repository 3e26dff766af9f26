import { sealAtLeast } from "@letterlock/resilience";
import { expect, test } from "vitest";
import { degradedSeals } from "../src/index.ts";
import { collecting } from "./support/collected.ts";
import { ScriptedError, scriptedKek } from "./support/scripted-kek.ts";

test("counts each KEK that an envelope misses", async () => {
  const collected = collecting();
  const onDegraded = degradedSeals({ meter: collected.options.meter });
  const [a, b, c] = [scriptedKek("a"), scriptedKek("b"), scriptedKek("c")];
  const keks = [a.kek, b.kek, c.kek];
  const message = new TextEncoder().encode("message");
  await sealAtLeast(1, message, keks, { onDegraded });
  b.script.push(new ScriptedError("unavailable"), new ScriptedError("unavailable"));
  c.script.push(new ScriptedError("throttled"));
  await sealAtLeast(1, message, keks, { onDegraded });
  await sealAtLeast(1, message, keks, { onDegraded });
  const { "letterlock.seals.degraded": seals } = await collected.points();
  expect(seals?.map(({ attributes, value }) => [attributes["letterlock.key_ref"], attributes["error.type"], value])).toEqual([
    ["b", "unavailable", 2],
    ["c", "throttled", 1],
  ]);
  expect(() => degradedSeals({ tracer: collected.options.tracer } as object)).toThrow(TypeError);
});
