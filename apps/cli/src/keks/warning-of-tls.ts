import { aroundKek, type Kek } from "@letterlock/core";
import { unreachedByTls } from "./tls-fault.ts";

/** A KEK that warns of its first failure by TLS, once: a walk meets the same one at every object. */
export function warningOfTls(kek: Kek): Kek {
  let warned = false;
  return aroundKek(kek, async (_operation, _call, run) => {
    try {
      return await run();
    } catch (error) {
      const said = unreachedByTls("provider-error", kek.provider, error);
      if (said !== undefined && !warned) process.emitWarning(`${kek.provider} ${kek.keyRef}: ${said}`, "LetterlockWarning");
      warned ||= said !== undefined;
      throw error;
    }
  });
}
