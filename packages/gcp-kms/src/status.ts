/** google/rpc/code.proto. */
export const statusNames: readonly string[] =
  "OK CANCELLED UNKNOWN INVALID_ARGUMENT DEADLINE_EXCEEDED NOT_FOUND ALREADY_EXISTS PERMISSION_DENIED RESOURCE_EXHAUSTED FAILED_PRECONDITION ABORTED OUT_OF_RANGE UNIMPLEMENTED INTERNAL UNAVAILABLE DATA_LOSS UNAUTHENTICATED".split(
    " ",
  );

/** The other direction of the HTTP mapping in google/rpc/code.proto, for answers that say nothing more precise. */
const statusesOfHttp: Readonly<Record<number, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  408: 4,
  409: 10,
  429: 8,
  499: 1,
  501: 12,
  502: 14,
  503: 14,
  504: 4,
};

/** A gateway or another server, which does not word its failures as the service does, says nothing about the key: its 404 is not the key's. */
export function statusOf(status: number, foreign: boolean): number {
  return foreign && (status === 3 || status === 5 || status === 9) ? 2 : status;
}

export function statusOfHttp(http: number): number {
  return statusesOfHttp[http] ?? (http >= 500 ? 13 : 2);
}
