import { testKek } from "@letterlock/conformance/vitest";
import { afterAll } from "vitest";
import { emulatedTargets } from "./emulated-targets.ts";

for (const { adapter, start } of emulatedTargets) {
  const { subject, manifest, [Symbol.asyncDispose]: stop } = await start();
  afterAll(stop);
  testKek(adapter, subject, { unproven: "fail", manifest });
}
