export { enqueue, type FleetWork } from "./fleet/enqueue.ts";
export type { Fleet } from "./fleet/fleet.ts";
export { cancelRun, drainFleet, pauseFleet, resumeFleet } from "./fleet/fleet-control.ts";
export type { FleetEvent, PartitionName } from "./fleet/fleet-event.ts";
export { type FleetStatus, fleetStatus, type RunStatus, type StoreStatus } from "./fleet/fleet-status.ts";
export { type FleetWorker, type FleetWorkerOptions, fleetWorker } from "./fleet/fleet-worker.ts";
export type { Entry, FleetOperation, SharedOptions, VerifiedCounts } from "./fleet/partition-job.ts";
export type { Presence, WorkerState } from "./fleet/presence.ts";
