import type { Kek } from "@letterlock/core";
import { soundBehaviour } from "../support/fake-kek.ts";
import { FakeServiceError } from "../support/fake-service.ts";
import { behaving, changing, type Mutant, remembering } from "./mutant.ts";

export const versionMutants: readonly Mutant[] = [
  changing("keeps only the newest version", "rotation-old-opens", (kek) => ({
    unwrap: async (recipient, call) => {
      const newest = await kek.currentVersion?.(call);
      if (String(recipient.wrapped[0]) !== newest) throw new FakeServiceError(400, "an old version");
      return kek.unwrap(recipient, call);
    },
  })),
  changing("opens no older version than the last that it saw", "rotation-both-open", (kek) => {
    let seen = 0;
    return {
      unwrap: async (recipient, call) => {
        const opened = await kek.unwrap(recipient, call);
        const version = recipient.wrapped[0] ?? 0;
        if (version < seen) throw new FakeServiceError(400, "an old version");
        seen = version;
        return opened;
      },
    };
  }),
  remembering(
    "names the version that it saw first",
    "rotation-new-version",
    () => ({ version: undefined as string | undefined }),
    (kek, seen) => ({
      wrap: async (...given) => {
        const made = await kek.wrap(...given);
        seen.version ??= made.keyVersion;
        return { ...made, keyVersion: seen.version };
      },
    }),
  ),
  remembering(
    "remembers the current version",
    "rotation-current-version",
    () => ({ version: undefined as Promise<string | undefined> | undefined }),
    (kek, seen) => ({
      currentVersion: (call) => {
        seen.version ??= kek.currentVersion?.(call) ?? Promise.resolve(undefined);
        return seen.version;
      },
    }),
  ),
  changing("always says that the first version is current", "rotation-refresh", (kek) => ({
    currentVersion: async (call) => ((await kek.currentVersion?.(call)) === undefined ? undefined : "1"),
  })),
  changing("gives the current version as a number", "current-version", (kek) => ({
    currentVersion: async (call) => Number(await kek.currentVersion?.(call)) as unknown as string,
  })),
  remembering(
    "names the version that it generated under first",
    "rotation-new-version",
    () => ({ version: undefined as string | undefined }),
    (kek, seen) => ({
      generate: async (call) => {
        const made = await generateOf(kek)(call);
        seen.version ??= made.keyVersion;
        return { ...made, keyVersion: seen.version };
      },
    }),
  ),
  changing("mixes up the versions of calls at the same time", "rotation-both-open", (kek) => {
    let version = 0;
    return {
      unwrap: async (recipient, call) => {
        version = recipient.wrapped[0] ?? 0;
        await new Promise((resolve) => setImmediate(resolve));
        return kek.unwrap({ ...recipient, wrapped: Uint8Array.of(version, ...recipient.wrapped.subarray(1)) }, call);
      },
    };
  }),
  changing("spells the current version in another way", "current-version", (kek) => ({
    currentVersion: async (call) => `v${await kek.currentVersion?.(call)}`,
  })),
  changing("names one version when it wraps and another when it generates", "current-version", (kek) => ({
    generate: async (call) => {
      const made = await generateOf(kek)(call);
      return { ...made, keyVersion: `${made.keyVersion}.0` };
    },
  })),

  changing("rewraps and names the old version", "rotation-rewrap", (kek) => ({
    rewrap: async (recipient, call) => ({ ...(await rewrapOf(kek)(recipient, call)), keyVersion: recipient.keyVersion }),
  })),
  changing("returns from rewrap what it was given", "rewrap", (kek) => ({
    rewrap: async (recipient, call) => {
      const { keyVersion } = await rewrapOf(kek)(recipient, call);
      return { wrapped: Uint8Array.from(recipient.wrapped), keyVersion };
    },
  })),
  changing("changes the data key when it rewraps", "rewrap", (kek) => ({
    rewrap: async (recipient, call) => {
      await rewrapOf(kek)(recipient, call);
      return kek.wrap(crypto.getRandomValues(new Uint8Array(32)), call);
    },
  })),
  changing("changes the recipient that it rewraps", "rewrap", (kek) => ({
    rewrap: async (recipient, call) => {
      const made = await rewrapOf(kek)(recipient, call);
      recipient.wrapped.set(made.wrapped);
      return made;
    },
  })),
  changing("rewraps what does not verify", "rewrap-tampered", (kek) => ({
    rewrap: async (recipient, call) => {
      const dataKey = await kek.unwrap(recipient, call).catch((error: FakeServiceError) => {
        if (error.status !== 400) throw error;
        return new Uint8Array(32);
      });
      return kek.wrap(dataKey, call);
    },
  })),

  remembering(
    "generates the same data key for ever",
    "generate-fresh",
    () => ({ dataKey: crypto.getRandomValues(new Uint8Array(32)) }),
    (kek, { dataKey }) => ({
      generate: async (call) => ({ ...(await kek.wrap(Uint8Array.from(dataKey), call)), dataKey: Uint8Array.from(dataKey) }),
    }),
  ),
  changing("generates into one buffer", "generate-fresh", (kek) => {
    const pool = new Uint8Array(32);
    return {
      generate: async (call) => {
        crypto.getRandomValues(pool);
        return { ...(await kek.wrap(Uint8Array.from(pool), call)), dataKey: pool };
      },
    };
  }),
  changing("generates a data key and wraps another", "generate", (kek) => ({
    generate: async (call) => ({
      ...(await kek.wrap(new Uint8Array(32).fill(7), call)),
      dataKey: crypto.getRandomValues(new Uint8Array(32)),
    }),
  })),
  changing("generates 16 bytes", "generate", (kek) => ({
    generate: async (call) => {
      const dataKey = crypto.getRandomValues(new Uint8Array(16));
      return { ...(await kek.wrap(dataKey, call)), dataKey };
    },
  })),

  remembering(
    "remembers what it opened",
    "disabled",
    () => new Map<string, Uint8Array>(),
    (kek, known) => ({
      unwrap: async (recipient, call) => {
        const name = `${Buffer.from(recipient.wrapped).toString("hex")} ${Buffer.from(call.associatedData).toString("hex")}`;
        const opened = known.get(name) ?? (await kek.unwrap(recipient, call));
        known.set(name, Uint8Array.from(opened));
        return Uint8Array.from(opened);
      },
    }),
  ),
  changing("never tries again a key that was disabled", "enabled-again", (kek) => {
    let disabled: unknown;
    return {
      unwrap: async (...given) => {
        if (disabled !== undefined) throw disabled;
        return kek.unwrap(...given).catch((error: FakeServiceError) => {
          if (error.status === 409) disabled = error;
          throw error;
        });
      },
    };
  }),
  changing("has no code for a disabled key when it wraps", "disabled", (kek) => ({
    wrap: (...given) =>
      kek.wrap(...given).catch((error: FakeServiceError) => Promise.reject(error.status === 409 ? new Error("no") : error)),
  })),
  changing("has no code for a disabled key when it generates", "disabled", (kek) => ({
    generate: (call) =>
      generateOf(kek)(call).catch((error: FakeServiceError) => Promise.reject(error.status === 409 ? new Error("no") : error)),
  })),
  changing("wraps no more after its key was disabled", "enabled-again", (kek) => {
    let disabled: unknown;
    return {
      wrap: async (...given) => {
        if (disabled !== undefined) throw disabled;
        return kek.wrap(...given);
      },
      unwrap: (...given) =>
        kek.unwrap(...given).catch((error: FakeServiceError) => {
          if (error.status === 409) disabled = error;
          throw error;
        }),
    };
  }),
  behaving("knows one suite only", "core-seal-open", () => ({
    binding: (call) => {
      if (call.suite !== "aes-256-gcm") throw new Error("another suite");
      return soundBehaviour.binding(call);
    },
  })),
  behaving("wraps data keys only", "core-intermediate", () => ({
    binding: (call) => {
      if (call.usage !== "data") throw new Error("not a data key");
      return soundBehaviour.binding(call);
    },
  })),
  changing("works once", "core-data-key", (kek) => {
    let used = 0;
    return {
      wrap: (...given) => (used++ === 0 ? kek.wrap(...given) : Promise.reject(new Error("used"))),
      unwrap: async (...given) => (await kek.unwrap(...given)).reverse(),
    };
  }),
  changing("opens once", "core-three-recipients", (kek) => {
    let used = 0;
    return { unwrap: (...given) => (used++ === 0 ? kek.unwrap(...given) : Promise.reject(new Error("used"))) };
  }),
  changing("clears what it returned before it is read", "core-rewrap-to-local", (kek) => ({
    unwrap: async (...given) => {
      const opened = await kek.unwrap(...given);
      queueMicrotask(() => opened.fill(0));
      return opened;
    },
  })),
  changing("wraps data keys that it made itself, whatever it is given", "core-rewrap-from-local", (kek) => ({
    wrap: async (_dataKey, call) => {
      const { wrapped, keyVersion } = await generateOf(kek)(call);
      return { wrapped, keyVersion };
    },
  })),
];

function rewrapOf(kek: Kek): NonNullable<Kek["rewrap"]> {
  if (kek.rewrap === undefined) throw new Error("the reference has no rewrap");
  return kek.rewrap;
}

function generateOf(kek: Kek): NonNullable<Kek["generate"]> {
  if (kek.generate === undefined) throw new Error("the reference has no generate");
  return kek.generate;
}
