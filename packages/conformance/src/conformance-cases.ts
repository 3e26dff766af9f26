import { abortCases } from "./cases/abort.ts";
import { bufferCases } from "./cases/buffers.ts";
import { concurrencyCases } from "./cases/concurrency.ts";
import { contextCases } from "./cases/context.ts";
import { coreCases } from "./cases/core.ts";
import { currentVersionCases } from "./cases/current-version.ts";
import { disabledCases } from "./cases/disabled.ts";
import { faultCases } from "./cases/faults.ts";
import { generateCases } from "./cases/generate.ts";
import { identityCases } from "./cases/identity.ts";
import { ownsCases } from "./cases/owns.ts";
import { requestCases } from "./cases/requests.ts";
import { rewrapCases } from "./cases/rewrap.ts";
import { rotationCases } from "./cases/rotation.ts";
import { roundTripCases } from "./cases/round-trip.ts";
import { tamperingCases } from "./cases/tampering.ts";
import type { ConformanceCase } from "./conformance-case.ts";

/** Every case, in the order in which they run: from what every KEK has to what changes the key. */
export const conformanceCases: readonly ConformanceCase[] = Object.freeze([
  ...identityCases,
  ...roundTripCases,
  ...bufferCases,
  ...ownsCases,
  ...contextCases,
  ...tamperingCases,
  ...requestCases,
  ...faultCases,
  ...abortCases,
  ...concurrencyCases,
  ...generateCases,
  ...rewrapCases,
  ...currentVersionCases,
  ...coreCases,
  ...rotationCases,
  ...disabledCases,
]);
