import { field } from "./protobuf-bytes.ts";

/** google.rpc.Code, as far as the service is known to answer with it. */
export type StatusName =
  | "INVALID_ARGUMENT"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "UNIMPLEMENTED"
  | "UNAVAILABLE";

/** The number of each, and its HTTP status (google/rpc/code.proto). */
export const codes: Readonly<Record<StatusName, readonly [code: number, http: number]>> = {
  INVALID_ARGUMENT: [3, 400],
  NOT_FOUND: [5, 404],
  ALREADY_EXISTS: [6, 409],
  PERMISSION_DENIED: [7, 403],
  RESOURCE_EXHAUSTED: [8, 429],
  FAILED_PRECONDITION: [9, 400],
  UNIMPLEMENTED: [12, 501],
  UNAVAILABLE: [14, 503],
};

/** One google.rpc message of google/rpc/error_details.proto, in both spellings. */
export interface Detail {
  readonly type: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly bytes: Uint8Array;
}

/** What a handler throws: the service's own refusal. Anything else that is thrown is a defect of the emulator. */
export class Refusal extends Error {
  readonly status: StatusName;
  readonly details: readonly Detail[];

  constructor(status: StatusName, message: string, details: readonly Detail[] = []) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** What gRPC carries in grpc-status-details-bin: a google.rpc.Status. */
export function statusBytes({ status, message, details }: Refusal): Buffer {
  const packed = details.map(({ type, bytes }) => field(3, Buffer.concat([field(1, `type.googleapis.com/${type}`), field(2, bytes)])));
  return Buffer.concat([field(1, codes[status][0]), field(2, message), ...packed]);
}

/** The body of a REST error. */
export function statusJson({ status, message, details }: Refusal): object {
  const listed = details.map(({ type, json }) => ({ "@type": `type.googleapis.com/${type}`, ...json }));
  return { error: { code: codes[status][1], message, status, ...(listed.length > 0 && { details: listed }) } };
}

export function debugInfo(detail: string): Detail {
  return { type: "google.rpc.DebugInfo", json: { detail }, bytes: field(2, detail) };
}

export function errorInfo(reason: string, domain: string, metadata: Readonly<Record<string, string>>): Detail {
  const pairs = Object.entries(metadata).map(([key, value]) => field(3, Buffer.concat([field(1, key), field(2, value)])));
  return {
    type: "google.rpc.ErrorInfo",
    json: { reason, domain, metadata },
    bytes: Buffer.concat([field(1, reason), field(2, domain), ...pairs]),
  };
}

export function retryInfo(delayMs: number): Detail {
  const seconds = Math.floor(delayMs / 1000);
  const nanos = Math.round((delayMs % 1000) * 1e6);
  return {
    type: "google.rpc.RetryInfo",
    json: { retryDelay: `${delayMs / 1000}s` },
    bytes: field(1, Buffer.concat([field(1, seconds), field(2, nanos)])),
  };
}

export function preconditionFailure(type: string, subject: string): Detail {
  return {
    type: "google.rpc.PreconditionFailure",
    json: { violations: [{ type, subject }] },
    bytes: field(1, Buffer.concat([field(1, type), field(2, subject)])),
  };
}

export function help(description: string, url: string): Detail {
  return {
    type: "google.rpc.Help",
    json: { links: [{ description, url }] },
    bytes: field(1, Buffer.concat([field(1, description), field(2, url)])),
  };
}
