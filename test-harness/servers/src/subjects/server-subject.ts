import type { FidelityManifest, KekSubject } from "@letterlock/conformance";
import type { ServerName } from "../server-name.ts";

/** An adapter against a server, as the conformance suite takes it. */
export interface ServerSubject {
  /** "aws-kms", and what is special: "vault-transit, derived keys". */
  readonly adapter: string;
  readonly server: ServerName;
  /** Starts the server, which must be installed, and makes what the subject needs on it. */
  start(): Promise<RunningSubject>;
}

export interface RunningSubject extends AsyncDisposable {
  readonly subject: KekSubject;
  /** What the server cannot judge. */
  readonly manifest: FidelityManifest;
}
