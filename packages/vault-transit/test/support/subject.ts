import type { KekSubject } from "@letterlock/conformance";
import type { Kek } from "@letterlock/core";
import type { VaultTransitEmulator } from "@letterlock/emulators";
import { type VaultClient, vaultTransit } from "../../src/index.ts";

export interface ClientOptions {
  readonly token: string;
  readonly timeoutMs: number;
}

export interface SubjectOptions {
  readonly vault: VaultTransitEmulator;
  readonly derived: boolean;
  client(options: ClientOptions): VaultClient & { close?(): Promise<void> };
}

/** Everything that the conformance suite can use, on the emulator. */
export function subjectOn({ vault, derived, client }: SubjectOptions): KekSubject {
  const { admin, rootToken } = vault;
  const keys = { a: admin.createKey({ derived }), b: admin.createKey({ derived }) };
  const stranger = admin.createToken({ policies: [] });
  const usual = client({ token: rootToken, timeoutMs: 10_000 });
  const kek = (ref: string, own = usual, batch = false): Kek =>
    vaultTransit({ client: own, keyName: ref.slice("transit/".length), derived, batch });
  const faulty = (fault: Parameters<typeof admin.fail>[0], own = usual): Kek => {
    admin.fail({ times: Number.POSITIVE_INFINITY, ...fault });
    return { ...kek(keys.a, own), [Symbol.dispose]: () => admin.clearFaults() } as Kek;
  };
  const convergent = admin.createKey({ derived: true, convergent: true });
  return {
    create: (key) => kek(keys[key]),
    createBatching: (key) => kek(keys[key], usual, true),
    rotate: () => admin.rotateKey(keys.a),
    disable: () => admin.disableKey(keys.a),
    enable: () => admin.enableKey(keys.a),
    faults: {
      "access-denied": () => kek(keys.a, client({ token: stranger, timeoutMs: 10_000 })),
      "kek-not-found": () => kek("transit/missing"),
      "kek-unusable": () => kek(convergent),
      throttled: () => faulty({ as: "throttled" }),
      unavailable: () => faulty({ as: "unavailable" }),
      "provider-error": () => faulty({ as: "garbage" }),
    },
    hanging: () => faulty({ as: "timeout" }),
    timingOut: () => faulty({ as: "timeout" }, client({ token: rootToken, timeoutMs: 100 })),
    answersFromAnotherKey: () => faulty({ as: "wrong-key" }),
    requests: () => admin.takeRequests(),
    keyRefs: {
      same: [keys.a],
      other: [`${keys.a}x`, `/${keys.a}`, keys.a.replace("transit", "Transit"), `c//${keys.a}`, keys.a.replace("/", "//")],
    },
    foreignCiphertexts: async () => {
      const encrypted = await usual.write(keys.a.replace("/", "/encrypt/"), {
        plaintext: Buffer.alloc(32).toString("base64"),
        ...(derived ? { context: "YQ==" } : {}),
      });
      return [Buffer.from((encrypted as { data: { ciphertext: string } }).data.ciphertext)];
    },
  };
}
