import { setTimeout as delay } from "node:timers/promises";
import { batchingSend } from "../support/batching-client.ts";
import { first, soundBehaviour } from "../support/fake-kek.ts";
import { FakeServiceError } from "../support/fake-service.ts";
import { behaving, changing, type Mutant, mutant } from "./mutant.ts";

export const abortMutants: readonly Mutant[] = [
  behaving("ignores the signal", "abort-during", () => ({ signal: () => new AbortController().signal })),
  changing("resolves an aborted wrap to garbage", "abort-before", (kek) => ({
    wrap: (dataKey, call) =>
      kek.wrap(dataKey, call).catch((error: unknown) => {
        if (!call.signal.aborted) throw error;
        return { wrapped: new Uint8Array(61) };
      }),
  })),
  changing("resolves an aborted unwrap to nothing", "abort-before", (kek) => ({
    unwrap: (recipient, call) =>
      kek.unwrap(recipient, call).catch((error: unknown) => {
        if (!call.signal.aborted) throw error;
        return undefined as unknown as Uint8Array;
      }),
  })),
  changing("swallows an abort", "abort-during", (kek) => ({
    currentVersion: (call) => kek.currentVersion?.(call).catch(() => undefined) ?? Promise.resolve(undefined),
  })),
  behaving("looks at the signal when it has sent the request", "abort-before-request", () => ({
    send: async (client, key, item, signal) => {
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      const sent = client.send(key, [item], new AbortController().signal);
      const answer = await Promise.race([sent, promise]);
      signal.throwIfAborted();
      return first(answer);
    },
  })),
  behaving("takes a deadline for a time-out that it may wait out", "deadline", () => ({
    signal: ({ signal }) => {
      const passed = new AbortController();
      const pass = (): void => {
        if ((signal.reason as Error).name !== "TimeoutError") passed.abort(signal.reason);
      };
      if (signal.aborted) pass();
      signal.addEventListener("abort", pass, { once: true });
      return passed.signal;
    },
  })),
  behaving("ends every call when one is aborted", "abort-one-of-many", () => {
    let shared = new AbortController();
    return {
      signal: ({ signal }) => {
        signal.addEventListener(
          "abort",
          () => {
            shared.abort(signal.reason);
            shared = new AbortController();
          },
          { once: true },
        );
        return AbortSignal.any([signal, shared.signal]);
      },
    };
  }),
  behaving("uses the context of the last call that began", "fifty-at-once", () => {
    let binding: Uint8Array | undefined;
    return {
      send: async (client, key, item, signal) => {
        binding = item.binding;
        await delay(1, undefined, { signal });
        return soundBehaviour.send(client, key, { ...item, binding }, signal);
      },
    };
  }),
  behaving("refuses more than ten calls at once", "fifty-at-once", () => {
    let running = 0;
    return {
      send: async (client, key, item, signal) => {
        if (running >= 10) throw new Error("too many calls");
        running += 1;
        try {
          return await soundBehaviour.send(client, key, item, signal);
        } finally {
          running -= 1;
        }
      },
    };
  }),

  mutant("mixes up the answers of a batch", "fifty-at-once", () => ({
    batchingSend: () => {
      const send = batchingSend();
      return (client, key, item, signal) =>
        send({ send: async (...given) => [...(await client.send(...given))].reverse() }, key, item, signal);
    },
  })),
  mutant("fails a whole batch for one item", "one-bad-among-many", () => ({
    batchingSend: () => {
      const send = batchingSend();
      return (client, key, item, signal) => {
        const strict: typeof client = {
          send: async (...given) => {
            const answers = await client.send(...given);
            const bad = answers.find((answer) => answer instanceof FakeServiceError);
            return bad === undefined ? answers : answers.map(() => bad);
          },
        };
        return send(strict, key, item, signal);
      };
    },
  })),
  mutant("ends a whole batch when one call is aborted", "abort-one-of-many", () => ({
    batchingSend: () => {
      const send = batchingSend();
      const signals = new Set<AbortSignal>();
      return async (client, key, item, signal) => {
        signals.add(signal);
        const answer = await send(client, key, item, signal);
        for (const each of signals) each.throwIfAborted();
        return answer;
      };
    },
  })),
  mutant("offers batches and sends each call alone", "batch-coalesces", () => ({ batchingSend: () => soundBehaviour.send })),
];
