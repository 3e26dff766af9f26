import { type ConformanceCase, conformanceCases } from "../../src/index.ts";
import { testKek } from "../../src/vitest.ts";
import { fakeSubject } from "../support/fake-subject.ts";

// Run by vitest-binding.test.ts: half of it has to fail.

const { create, requests } = fakeSubject();
const only =
  (id: string) =>
  (one: ConformanceCase): boolean =>
    one.id === id;
const entry = (id: string) => ({ id, reason: "the server is too simple", instead: "it does nothing" });

testKek("passing", { create }, { select: only("round-trip") });
testKek("unproven by default", { create }, { select: only("owns-offline") });
testKek("unproven and strict", { create }, { select: only("owns-offline"), unproven: "fail" });
testKek("listed and strict", { create }, { select: only("owns-offline"), unproven: "fail", manifest: [entry("owns-offline")] });
testKek("stale", { create, requests }, { select: only("owns-offline"), manifest: [entry("owns-offline")] });
testKek("failing", { create: () => undefined }, { select: only("error-code-unknown"), unproven: "fail" });
testKek("wrong", { create: async (key) => ({ ...(await kek(key)), owns: () => true }) }, { select: only("owns-foreign") });
testKek("whole", fakeSubject(), { select: ({ id }) => conformanceCases.slice(0, 10).some((one) => one.id === id), unproven: "fail" });

async function kek(key: "a" | "b"): Promise<NonNullable<Awaited<ReturnType<NonNullable<typeof create>>>>> {
  const made = await create?.(key);
  if (made === undefined) throw new Error("the reference has both keys");
  return made;
}
