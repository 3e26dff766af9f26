import { randomBytes } from "node:crypto";
import { type Kek, localKek, seal } from "@letterlock/core";

export interface Keks {
  readonly old: Kek;
  readonly target: Kek;
}

/** Names of the same length, so that an object is as long after a migration as before. */
export function localKeks(secret: Uint8Array = randomBytes(64)): Keks {
  return {
    old: localKek({ name: "bench-1", secret: secret.subarray(0, 32) }),
    target: localKek({ name: "bench-2", secret: secret.subarray(32) }),
  };
}

/** What a column may hold: 100 bytes under a key of their own, with a context of two pairs. */
export async function sealedValue({ old }: Keks): Promise<Uint8Array> {
  return await seal(new Uint8Array(randomBytes(100)), [old], { context: { tenant: "acme", table: "users" } });
}
