import type { FidelityManifest, KekSubject } from "@letterlock/conformance";
import type { PairedKek } from "./pairs.ts";

/** One adapter against one server, not started yet. */
export interface Target {
  readonly adapter: string;
  /** What people call the server, with its version: "emulator", "OpenBao 2.7.2". */
  readonly server: string;
  start(): Promise<RunningTarget>;
}

export interface RunningTarget extends AsyncDisposable {
  readonly subject: KekSubject;
  /** What the server cannot judge. */
  readonly manifest: FidelityManifest;
  /** A KEK for the pairs; undefined where the target is one of conformance only. */
  readonly paired?: Omit<PairedKek, "provider" | "server"> | undefined;
}
