import type { Wrapped } from "@letterlock/core";
import { changing, type Mutant, remembering } from "./mutant.ts";

/** How long what the fake service makes of a data key is. */
const wrappedBytes = 61;

export const bufferMutants: readonly Mutant[] = [
  changing("returns 31 bytes", "round-trip", (kek) => ({ unwrap: async (...given) => (await kek.unwrap(...given)).subarray(0, 31) })),
  changing("returns 33 bytes", "round-trip", (kek) => ({ unwrap: async (...given) => Uint8Array.of(...(await kek.unwrap(...given)), 0) })),
  changing("returns a text of the data key", "round-trip", (kek) => ({
    unwrap: async (...given) => Buffer.from(await kek.unwrap(...given)).toString("base64") as unknown as Uint8Array,
  })),
  changing("wraps what stands before a zero byte", "round-trip-every-byte", (kek) => ({
    unwrap: async (...given) => {
      const dataKey = await kek.unwrap(...given);
      const end = dataKey.indexOf(0);
      return end === -1 ? dataKey : dataKey.fill(0, end);
    },
  })),
  changing("takes bytes for text", "round-trip-every-byte", (kek) => ({
    wrap: (dataKey, call) =>
      kek.wrap(
        Uint8Array.from(dataKey, (byte) => (byte > 127 ? 0x3f : byte)),
        call,
      ),
  })),
  changing("pads what it wraps to 32 bytes", "wrong-length", (kek) => ({
    wrap: (dataKey, call) =>
      kek.wrap(
        Uint8Array.from({ length: 32 }, (_, index) => dataKey[index] ?? 0),
        call,
      ),
  })),
  remembering(
    "wraps the same data key into the same bytes",
    "wrap-not-deterministic",
    () => new Map<string, Wrapped>(),
    (kek, known) => ({
      wrap: async (dataKey, call) => {
        const name = Buffer.concat([dataKey, call.associatedData]).toString("hex");
        const made = known.get(name) ?? (await kek.wrap(dataKey, call));
        known.set(name, made);
        return made;
      },
    }),
  ),
  remembering(
    "counts its nonces from 0 in every instance",
    "wrap-not-deterministic",
    () => new Map<string, Wrapped>(),
    (kek, known) => {
      let nonce = 0;
      return {
        wrap: async (dataKey, call) => {
          const name = Buffer.concat([Buffer.of(nonce++), dataKey, call.associatedData]).toString("hex");
          const made = known.get(name) ?? (await kek.wrap(dataKey, call));
          known.set(name, made);
          return made;
        },
      };
    },
  ),
  changing("reuses one ciphertext", "results-own-buffers", (kek) => {
    let first: ReturnType<typeof kek.wrap> | undefined;
    return {
      wrap: (...given) => {
        first ??= kek.wrap(...given);
        return first;
      },
    };
  }),
  changing("leaves the data key in what it wraps", "wrapped-hides-key", (kek) => ({
    wrap: async (dataKey, call) => {
      const { wrapped, keyVersion } = await kek.wrap(dataKey, call);
      return { wrapped: Buffer.concat([wrapped, Buffer.from(Buffer.from(dataKey).toString("base64"))]), keyVersion };
    },
    unwrap: (recipient, call) => kek.unwrap({ ...recipient, wrapped: recipient.wrapped.subarray(0, wrappedBytes) }, call),
  })),
  changing("wraps into more than a header can hold", "wrapped-fits-header", (kek) => ({
    wrap: async (...given) => {
      const { wrapped, keyVersion } = await kek.wrap(...given);
      return { wrapped: Buffer.concat([wrapped, Buffer.alloc(2000)]), keyVersion };
    },
  })),
  changing("names a version that no header can hold", "wrapped-fits-header", (kek) => ({
    wrap: async (...given) => ({ ...(await kek.wrap(...given)), keyVersion: "version 1" }),
  })),
  changing("names an empty version", "wrapped-fits-header", (kek) => ({
    wrap: async (...given) => ({ ...(await kek.wrap(...given)), keyVersion: "" }),
  })),
  changing("unwraps what the same instance wrapped only", "instances", (kek) => {
    const own = new Set<string>();
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
    return {
      wrap: async (...given) => {
        const made = await kek.wrap(...given);
        own.add(hex(made.wrapped));
        return made;
      },
      unwrap: async (recipient, call) => {
        if (!own.has(hex(recipient.wrapped))) throw new Error("never seen");
        return kek.unwrap(recipient, call);
      },
    };
  }),

  changing("zeroes the data key that it was given", "inputs-unchanged", (kek) => ({
    wrap: async (dataKey, call) => {
      const made = await kek.wrap(dataKey, call);
      dataKey.fill(0);
      return made;
    },
  })),
  changing("clears the last data key when it wraps the next", "inputs-unchanged", (kek) => {
    let last: Uint8Array | undefined;
    return {
      wrap: (dataKey, call) => {
        last?.fill(0);
        last = dataKey;
        return kek.wrap(dataKey, call);
      },
    };
  }),
  changing("changes the wrapped bytes of the recipient", "inputs-unchanged", (kek) => ({
    unwrap: async (recipient, call) => {
      const opened = await kek.unwrap({ ...recipient, wrapped: Uint8Array.from(recipient.wrapped) }, call);
      recipient.wrapped.reverse();
      return opened;
    },
  })),
  changing("appends to the associated data", "inputs-unchanged", (kek) => ({
    unwrap: async (recipient, call) => {
      const opened = await kek.unwrap(recipient, { ...call, associatedData: Uint8Array.from(call.associatedData) });
      call.associatedData.set([0], call.associatedData.length - 1);
      return opened;
    },
  })),
  changing("reads the data key after wrap has settled", "data-key-not-kept", (kek) => ({
    wrap: async (dataKey, call) => {
      const { keyVersion } = await kek.wrap(dataKey, call);
      const wrapped = new Uint8Array(wrappedBytes);
      setTimeout(() => {
        kek.wrap(dataKey, call).then(
          (late) => wrapped.set(late.wrapped.subarray(0, wrappedBytes)),
          () => undefined,
        );
      }, 0);
      return { wrapped, keyVersion };
    },
  })),
  changing("returns one buffer for every data key", "results-own-buffers", (kek) => {
    const pool = new Uint8Array(32);
    return {
      unwrap: async (...given) => {
        pool.set(await kek.unwrap(...given));
        return pool;
      },
    };
  }),
  changing("returns one buffer for everything that it wraps", "results-own-buffers", (kek) => {
    const pool = new Uint8Array(wrappedBytes);
    return {
      wrap: async (...given) => {
        const { wrapped, keyVersion } = await kek.wrap(...given);
        pool.set(wrapped.subarray(0, wrappedBytes));
        return { wrapped: pool, keyVersion };
      },
    };
  }),
  remembering(
    "remembers data keys, and hands out the buffer that it remembers",
    "results-own-buffers",
    () => new Map<string, Promise<Uint8Array>>(),
    (kek, known) => ({
      unwrap: (recipient, call) => {
        const name = `${Buffer.from(recipient.wrapped).toString("hex")} ${Buffer.from(call.associatedData).toString("hex")}`;
        const opened = known.get(name) ?? kek.unwrap(recipient, call);
        known.set(name, opened);
        return opened;
      },
    }),
  ),
  changing("wraps the whole buffer of a view", "views", (kek) => ({
    wrap: (dataKey, call) => kek.wrap(new Uint8Array(dataKey.buffer as ArrayBuffer).subarray(0, 32), call),
  })),
  changing("sends the whole buffer of a view", "views", (kek) => ({
    unwrap: (recipient, call) => kek.unwrap({ ...recipient, wrapped: new Uint8Array(recipient.wrapped.buffer as ArrayBuffer) }, call),
  })),
];
