import { abortMutants } from "./abort-mutants.ts";
import { bufferMutants } from "./buffer-mutants.ts";
import { contextMutants } from "./context-mutants.ts";
import { faultMutants } from "./fault-mutants.ts";
import { keyMutants } from "./key-mutants.ts";
import type { Mutant } from "./mutant.ts";
import { tamperingMutants } from "./tampering-mutants.ts";
import { versionMutants } from "./version-mutants.ts";

export const allMutants: readonly Mutant[] = [
  ...contextMutants,
  ...keyMutants,
  ...bufferMutants,
  ...tamperingMutants,
  ...faultMutants,
  ...abortMutants,
  ...versionMutants,
];
export type { Mutant } from "./mutant.ts";
