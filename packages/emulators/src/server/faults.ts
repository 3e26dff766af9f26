/**
 * throttled, unavailable: the service's own error for it. reset: the connection breaks. timeout: no answer, ever. garbage: an answer that is not of the
 * protocol. wrong-key: the right answer under the name of another key. wrong-length: a value of the answer has one byte less. slow: the right answer, late.
 */
export type FaultKind = "throttled" | "unavailable" | "reset" | "timeout" | "garbage" | "wrong-key" | "wrong-length" | "slow";

const kinds: readonly FaultKind[] = ["throttled", "unavailable", "reset", "timeout", "garbage", "wrong-key", "wrong-length", "slow"];

/** How long a slow answer takes when nobody says. */
const defaultSlowMs = 1000;

export interface Fault {
  /** The service's own word, in any case ("Decrypt", "unwrapKey"); without it, whatever comes next. */
  readonly operation?: string | undefined;
  /** How many requests; 1 by default, Infinity for all. */
  readonly times?: number | undefined;
  readonly as: FaultKind;
  /** Milliseconds to wait before; 0 by default, 1000 for "slow". */
  readonly afterMs?: number | undefined;
}

/** The fault that one request meets. */
export interface MetFault {
  readonly as: FaultKind;
  readonly afterMs: number;
}

export interface Faults {
  fail(fault: Fault): void;
  clear(): void;
  /** The fault of the next request of an operation, used up. */
  meet(operation: string): MetFault | undefined;
}

interface Pending extends MetFault {
  readonly operation: string | undefined;
  left: number;
}

/** `operations`: every name that a request of the service can have. */
export function createFaults(operations: readonly string[]): Faults {
  const known = new Set(operations.map((name) => name.toLowerCase()));
  let pending: Pending[] = [];
  return {
    fail({ operation, times = 1, as, afterMs = as === "slow" ? defaultSlowMs : 0 }) {
      if (!kinds.includes(as)) throw new RangeError(`as must be one of ${kinds.join(", ")}`);
      if (operation !== undefined && !known.has(operation.toLowerCase())) {
        throw new RangeError(`${operation} is no operation of this service: ${operations.join(", ")}`);
      }
      if (!(times > 0) || !(times === Infinity || Number.isInteger(times)))
        throw new RangeError("times must be a positive integer or Infinity");
      if (!(afterMs >= 0) || afterMs > 0x7fffffff) throw new RangeError("afterMs must be 0 to 2147483647 milliseconds");
      pending.push({ operation: operation?.toLowerCase(), as, afterMs, left: times });
    },
    clear() {
      pending = [];
    },
    meet(operation) {
      const met = pending.find((fault) => fault.operation === undefined || fault.operation === operation.toLowerCase());
      if (met === undefined) return undefined;
      met.left -= 1;
      if (met.left === 0) pending = pending.filter((fault) => fault !== met);
      return { as: met.as, afterMs: met.afterMs };
    },
  };
}
