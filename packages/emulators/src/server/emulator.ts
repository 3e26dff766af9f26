import type { Fault } from "./faults.ts";
import type { ServiceRequest } from "./request-log.ts";

/** Where an emulator listens. */
export interface EmulatorOptions {
  /** 0, the default, takes a free port. */
  readonly port?: number | undefined;
  /** An address of the loopback interface; "127.0.0.1" by default. Anything else is a `RangeError` unless `allowRemote` is true. */
  readonly host?: string | undefined;
  /** Also listen where other machines can connect. An emulator keeps no secret from anybody who can. */
  readonly allowRemote?: boolean | undefined;
}

/** A service that runs in this process until it is closed. `await using` closes it too. */
export interface Emulator<Admin extends EmulatorAdmin> extends AsyncDisposable {
  /** The URL that the SDK is given, without a slash at its end: "http://127.0.0.1:40123". */
  readonly endpoint: string;
  readonly admin: Admin;
  /** Ends open connections, hung requests too. */
  close(): Promise<void>;
}

/** What every emulator can do on demand. */
export interface EmulatorAdmin {
  /** The next `times` requests of an operation end in this way. Faults are taken in the order in which they were asked for. An operation that the service does not have is a `RangeError`. */
  fail(fault: Fault): void;
  /** Takes back the faults that did not happen yet. */
  clearFaults(): void;
  /** What reached the service since the last call, oldest first. */
  takeRequests(): readonly ServiceRequest[];
}

/** One way in which an emulator answers, or is thought to answer, otherwise than the service. */
export interface Difference {
  /** "differs": known to be another answer. "unconfirmed": an error shape that no recording of the real service proves. */
  readonly kind: "differs" | "unconfirmed";
  readonly what: string;
}
