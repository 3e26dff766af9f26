import type { FidelityManifest } from "@letterlock/conformance";

/** A server that works names the key that it used. Only an emulator that is made to can name another one. */
export const answersOnlyAsItself: FidelityManifest = ["wrap", "unwrap", "generate", "rewrap"].map((operation) => ({
  id: `answer-key-${operation}`,
  reason: "a third-party server cannot be made to answer in the name of another key",
  instead: "it names the key of the request",
}));
