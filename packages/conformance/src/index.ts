export type { CaseResult } from "./case-result.ts";
export type { CaseSettings, ConformanceCase } from "./conformance-case.ts";
export { conformanceCases } from "./conformance-cases.ts";
export type { FidelityEntry, FidelityManifest } from "./fidelity-manifest.ts";
export { type KekReport, type RunOptions, runKek } from "./run-kek.ts";
export type { Awaitable, FaultCode, KekRequest, KekSubject, KeyName } from "./subject.ts";
