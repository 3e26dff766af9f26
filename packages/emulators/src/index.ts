export type { Difference, Emulator, EmulatorAdmin, EmulatorOptions } from "./server/emulator.ts";
export type { Fault, FaultKind } from "./server/faults.ts";
export type { ServiceRequest } from "./server/request-log.ts";
