import { coreCases } from "./cases/core.ts";
import { ownsCases } from "./cases/owns.ts";
import { roundTripCases } from "./cases/round-trip.ts";
import type { ConformanceCase } from "./conformance-case.ts";

/** Every case, in the order in which they run. */
export const conformanceCases: readonly ConformanceCase[] = Object.freeze([...roundTripCases, ...ownsCases, ...coreCases]);
