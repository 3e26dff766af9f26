import type { FaultKind } from "./faults.ts";

/** One request as the service understood it. It holds no plaintext and no key. */
export interface ServiceRequest {
  /** The service's own word: "Decrypt", "unwrapKey". */
  readonly operation: string;
  /** The key that the request names, as a keyRef of Letterlock would spell it where there is one; undefined when it names none. */
  readonly key: string | undefined;
  /** Who asks: the access key id, or the token. Undefined when the request is anonymous. */
  readonly credential: string | undefined;
  /** The fault that it met. */
  readonly fault: FaultKind | undefined;
}

export interface RequestLog {
  add(request: ServiceRequest): void;
  take(): readonly ServiceRequest[];
}

/** More than a test looks at, and little enough for an emulator that runs for days. */
const mostKept = 100_000;

export function createRequestLog(): RequestLog {
  let requests: ServiceRequest[] = [];
  return {
    add(request) {
      requests.push(Object.freeze(request));
      if (requests.length > mostKept) requests = requests.slice(-mostKept / 2);
    },
    take() {
      const taken = requests;
      requests = [];
      return taken;
    },
  };
}
