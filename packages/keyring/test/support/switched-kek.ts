import { randomBytes } from "node:crypto";
import { aroundKek, type Kek, type KekErrorCode, type KekOperation, localKek } from "@letterlock/core";

export class SwitchedError extends Error {
  readonly kekCode: KekErrorCode;

  constructor(kekCode: KekErrorCode) {
    super(kekCode);
    this.kekCode = kekCode;
  }
}

/** A KEK whose provider goes away and comes back, and counts its calls. */
export interface SwitchedKek {
  readonly kek: Kek;
  readonly calls: KekOperation[];
  /** What every call fails with; undefined: it works. "hang": it waits for its signal. "deaf": it does not settle. */
  state: KekErrorCode | "hang" | "deaf" | undefined;
  version: string;
  /** The version that wraps; `version` by default. */
  wrapsAs: string | undefined;
  /** What it wraps it never opens. */
  garbles: boolean;
  /** Behind the switch. */
  readonly inner: { -readonly [Member in "wrap"]: Kek[Member] };
  /** Waited for in each call. */
  pause: () => Promise<void>;
}

export function switchedKek(name = "switched"): SwitchedKek {
  const calls: KekOperation[] = [];
  const local = localKek({ name, secret: new Uint8Array(randomBytes(32)) });
  const behind = {
    wrap: async (...[dataKey, call]: Parameters<Kek["wrap"]>) => {
      const { wrapped } = await local.wrap(dataKey, call);
      return { wrapped: switched.garbles ? wrapped.fill(7) : wrapped, keyVersion: switched.wrapsAs ?? switched.version };
    },
  };
  const versioned: Kek = { ...local, wrap: (...call) => behind.wrap(...call), currentVersion: async () => switched.version };
  const kek = aroundKek(
    versioned,
    async (operation, { signal }, run) => {
      calls.push(operation);
      await switched.pause();
      if (switched.state === "hang") {
        return new Promise<never>((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
      }
      if (switched.state === "deaf") return new Promise<never>(() => undefined);
      if (switched.state !== undefined) throw new SwitchedError(switched.state);
      return run();
    },
    (error) => (error instanceof SwitchedError ? error.kekCode : undefined),
  );
  const switched: SwitchedKek = {
    kek,
    calls,
    state: undefined,
    version: "1",
    wrapsAs: undefined,
    garbles: false,
    inner: behind,
    pause: async () => undefined,
  };
  return switched;
}
