/** What a ring may do with keys in memory, and when it makes new ones. */
export interface KeyringPolicy {
  /** Required: there is no safe default for how long a plaintext key may live. */
  readonly memory: {
    /** How long a key is used before it is opened again, in milliseconds. Also how long a key that was destroyed elsewhere may go on working here. */
    readonly maxAgeMs: number;
    /** How many data keys, and how many intermediate KEKs, are kept. */
    readonly maxKeys: number;
  };
  /** When a context gets a new data key. What was sealed before goes on opening. */
  readonly newKeyAfter?:
    | {
        /** Since the key was created, in milliseconds. */
        readonly ageMs?: number | undefined;
        /** Sealed by this process under one key. */
        readonly messages?: number | undefined;
        /** Plaintext sealed by this process under one key. */
        readonly bytes?: number | undefined;
        /** When a KEK has a new version; needs `watchVersionsMs`. */
        readonly rotation?: boolean | undefined;
      }
    | undefined;
  /** How long keys in memory go on working while their provider is throttled or unavailable, in milliseconds; 0 by default. They stay in memory for maxAgeMs + graceMs, and a sweep later: at most a minute. */
  readonly graceMs?: number | undefined;
  /** The names of the context whose values choose an intermediate KEK: ["tenant"] for one for each tenant, [] for one for all. Undefined: data keys are wrapped by the KEKs. */
  readonly hierarchy?: readonly string[] | undefined;
  /** How often the KEKs are asked for their version, in milliseconds. A new one is noticed within that time, and the key blobs are wrapped again. Undefined: never. */
  readonly watchVersionsMs?: number | undefined;
  /** How long the provider may take for one key, in whole milliseconds below 2^30; 30,000 by default. Provider and store together may take twice that. */
  readonly renewalMs?: number | undefined;
}

export interface ReadPolicy {
  readonly maxAgeMs: number;
  readonly maxKeys: number;
  readonly newAfterAgeMs: number;
  readonly newAfterMessages: number;
  readonly newAfterBytes: number;
  readonly newAfterRotation: boolean;
  readonly graceMs: number;
  readonly hierarchy: readonly string[] | undefined;
  readonly watchVersionsMs: number | undefined;
  readonly renewalMs: number;
}

/** SPEC section 7: at most 2^40 messages under one key. */
const mostMessages = 2 ** 40;

/** A timer takes twice that, and not one more. */
const mostRenewalMs = 2 ** 30 - 1;

export function readPolicy(policy: KeyringPolicy): ReadPolicy {
  names(policy, "policy", ["memory", "newKeyAfter", "graceMs", "hierarchy", "watchVersionsMs", "renewalMs"]);
  names(policy.memory, "policy.memory", ["maxAgeMs", "maxKeys"]);
  const { memory, newKeyAfter = {}, graceMs = 0, hierarchy, watchVersionsMs, renewalMs = 30_000 } = policy;
  names(newKeyAfter, "policy.newKeyAfter", ["ageMs", "messages", "bytes", "rotation"]);
  const { ageMs = Infinity, messages = mostMessages, bytes = Infinity, rotation = false } = newKeyAfter;
  atLeast("memory.maxAgeMs", memory.maxAgeMs, 0);
  atLeast("memory.maxKeys", memory.maxKeys, 1);
  atLeast("newKeyAfter.ageMs", ageMs, 1);
  atLeast("newKeyAfter.messages", messages, 1);
  atLeast("newKeyAfter.bytes", bytes, 1);
  atLeast("graceMs", graceMs, 0);
  if (!Number.isInteger(renewalMs) || renewalMs < 1 || renewalMs > mostRenewalMs) {
    throw new RangeError(`renewalMs must be a whole number of milliseconds, 1 to ${mostRenewalMs}`);
  }
  if (watchVersionsMs !== undefined) timer("watchVersionsMs", watchVersionsMs);
  if (rotation && watchVersionsMs === undefined)
    throw new TypeError("newKeyAfter.rotation needs watchVersionsMs: without it no rotation is noticed");
  if (hierarchy !== undefined && !(Array.isArray(hierarchy) && hierarchy.every((name) => typeof name === "string"))) {
    throw new TypeError("hierarchy must be a list of names of the context");
  }
  return {
    maxAgeMs: memory.maxAgeMs,
    maxKeys: memory.maxKeys,
    newAfterAgeMs: ageMs,
    newAfterMessages: Math.min(messages, mostMessages),
    newAfterBytes: bytes,
    newAfterRotation: rotation,
    graceMs,
    hierarchy: hierarchy === undefined ? undefined : [...hierarchy],
    watchVersionsMs,
    renewalMs,
  };
}

function names(value: object | undefined, what: string, known: readonly string[]): void {
  if (typeof value !== "object" || value === null) throw new TypeError(`${what} must be an object`);
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new TypeError(`${unknown} is no member of ${what}: ${known.join(", ")}`);
}

function atLeast(name: string, value: number, least: number): void {
  if (typeof value !== "number" || !(value >= least)) throw new RangeError(`${name} must be a number of at least ${least}`);
}

/** setTimeout takes a 32-bit integer. */
function timer(name: string, value: number): void {
  if (!(value > 0) || value > 0x7fffffff) throw new RangeError(`${name} must be more than 0 and at most 2147483647 milliseconds`);
}
