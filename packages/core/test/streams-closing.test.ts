import { describe, expect, test, vi } from "vitest";
import { type ByteSource, type ByteStream, createDataKey, openStream, rewrapStream, seal, sealStream } from "../src/index.ts";
import { countingKek, hang } from "./support/counting-kek.ts";
import { rejectionOf } from "./support/rejection.ts";
import { collect, trackedGenerator, trackedIterator, trackedReadable, unhandledDuring } from "./support/tracked-source.ts";

// Rule 9: return() closes the source, once, whenever it comes; cancellation; no unhandled rejection.

const kek = countingKek();
const plaintext = new Uint8Array(200_000).fill(3);
const envelope = await seal(plaintext, [kek]);
const { key } = await createDataKey([kek]);
const record = key.seal(plaintext, { aad: "" });
const reason = { why: "enough" };

interface Way {
  readonly input: Uint8Array;
  readonly start: (source: ByteSource, signal?: AbortSignal) => ByteStream;
}
const ways: Record<string, Way> = {
  sealStream: { input: plaintext, start: (source, signal) => sealStream(source, [kek], { signal }) },
  openStream: { input: envelope, start: (source, signal) => openStream(source, [kek], { signal }) },
  rewrapStream: { input: envelope, start: (source, signal) => rewrapStream(source, { from: [kek], to: [kek] }, { signal }) },
  "DataKey.sealStream": { input: plaintext, start: (source, signal) => key.sealStream(source, { aad: "", signal }) },
  "DataKey.openStream": { input: record, start: (source, signal) => key.openStream(source, { aad: "", signal }) },
};
const sources = { iterator: trackedIterator, generator: trackedGenerator, ReadableStream: trackedReadable };

function chunked(bytes: Uint8Array, size: number): Uint8Array[] {
  return Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.slice(i * size, (i + 1) * size));
}
/** Reads until the source was pulled; some streams yield a head before. */
async function readOn(stream: ByteStream, log: { pulled: number }): Promise<void> {
  while (log.pulled === 0) await stream.next();
}

describe.each(Object.entries(ways))("%s", (_name, { input, start }) => {
  describe.each(Object.entries(sources))("from an %s", (kind, tracked) => {
    test("does not touch the source before the first next()", async () => {
      const { source, log } = tracked(chunked(input, 10_000));
      const stream = start(source);
      expect(log.pulled).toBe(0);
      await stream.return();
    });

    test("closes the source on return() before the first next(), once", async () => {
      const { source, log } = tracked(chunked(input, 10_000));
      const stream = start(source);
      await stream.return();
      await stream.return();
      // A generator that never started has nothing to clean up; it is finished all the same.
      expect(log).toEqual({ pulled: 0, closed: kind === "generator" ? 0 : 1 });
      expect(await stream.next()).toEqual({ done: true, value: undefined });
      if (kind === "generator") expect(await (source as AsyncGenerator).next()).toMatchObject({ done: true });
    });

    test("closes the source on return() in the middle, once", async () => {
      const { source, log } = tracked(chunked(input, 10_000));
      const stream = start(source);
      await readOn(stream, log);
      await stream.return();
      await stream.return();
      expect(log.closed).toBe(1);
    });

    test("closes the source when a loop over it is left or fails", async () => {
      for (const leave of ["break", "throw"]) {
        const { source, log } = tracked(chunked(input, 10_000));
        const loop = async () => {
          for await (const _ of start(source)) {
            if (log.pulled === 0) continue;
            if (leave === "break") break;
            throw reason;
          }
        };
        if (leave === "break") await loop();
        else expect(await rejectionOf(loop())).toBe(reason);
        expect(log.closed).toBe(1);
      }
    });

    test("closes the source when it is disposed", async () => {
      const { source, log } = tracked(chunked(input, 10_000));
      {
        await using stream = start(source);
        await readOn(stream, log);
      }
      expect(log.closed).toBe(1);
    });

    test("does not close a source that ended", async () => {
      const { source, log } = tracked(chunked(input, 10_000));
      const stream = start(source);
      await collect(stream);
      await stream.return();
      expect(log.closed).toBe(0);
    });

    test("ends with the reason of a signal that aborts between two chunks, and closes the source", async () => {
      const { source, log } = tracked(chunked(input, 10_000));
      const abort = new AbortController();
      const stream = start(source, abort.signal);
      await readOn(stream, log);
      abort.abort(reason);
      expect(await rejectionOf(collect(stream))).toBe(reason);
      await vi.waitUntil(() => log.closed === 1, { interval: 1 });
      expect(await stream.next()).toEqual({ done: true, value: undefined });
    });
  });

  test("does not read a source when the signal is aborted already", async () => {
    const { source, log } = trackedIterator(chunked(input, 10_000));
    expect(await rejectionOf(start(source, AbortSignal.abort(reason)).next())).toBe(reason);
    expect(log).toEqual({ pulled: 0, closed: 1 });
  });

  test("ends with the reason while the source hangs, and leaves no rejection unhandled", async () => {
    const { source, log } = trackedIterator([input.slice(0, 1)], hang);
    const abort = new AbortController();
    const unhandled = await unhandledDuring(async () => {
      const result = rejectionOf(collect(start(source, abort.signal)));
      await vi.waitUntil(() => log.pulled === 2, { interval: 1 });
      abort.abort(reason);
      expect(await result).toBe(reason);
    });
    expect(unhandled).toEqual([]);
  });

  test("leaves no rejection of the source unhandled when source and stream share a signal", async () => {
    const abort = new AbortController();
    const { signal } = abort;
    const chunks = chunked(input, 10_000);
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => {
          signal.throwIfAborted();
          return { done: false as const, value: chunks.shift() ?? new Uint8Array(0) };
        },
      }),
    };
    const unhandled = await unhandledDuring(async () => {
      const stream = start(source, signal);
      while (chunks.length > 10) await stream.next();
      abort.abort(reason);
      expect(await rejectionOf(collect(stream))).toBe(reason);
    });
    expect(unhandled).toEqual([]);
  });

  test("notices an abort inside one huge chunk", async () => {
    const abort = new AbortController();
    const huge = new Uint8Array(20 * 65_536);
    const stream = start([input.slice(0, 1), input.slice(1), huge], abort.signal);
    const all = { chunks: 0 };
    const run = async () => {
      for await (const _ of stream) {
        all.chunks++;
        if (all.chunks === 3) abort.abort(reason);
      }
    };
    expect(await rejectionOf(run())).toBe(reason);
    expect(all.chunks).toBeLessThanOrEqual(5);
  });

  test("ends with the very error of the source, and does not close a source that failed", async () => {
    const { source, log } = trackedIterator([input.slice(0, 1)], () => Promise.reject(reason));
    expect(await rejectionOf(collect(start(source)))).toBe(reason);
    expect(log.closed).toBe(0);
  });

  test.each([["text"], [7], [null], [[1, 2]], [new ArrayBuffer(3)], [new DataView(new ArrayBuffer(3))]])(
    "refuses a chunk that is not bytes: %s",
    async (chunk) => {
      const { source, log } = trackedIterator([chunk]);
      expect(await rejectionOf(collect(start(source)))).toBeInstanceOf(TypeError);
      expect(log.closed).toBe(1);
    },
  );

  test.each([[null], [undefined], [7], ["text"], [new Uint8Array(3)], [{}]])("refuses %s as a source at once", (source) => {
    expect(() => start(source as unknown as ByteSource)).toThrow(TypeError);
  });

  test("rejects with the error of a source that cannot be closed, unless another came first", async () => {
    const failing = (chunk: unknown) => ({
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false, value: chunk as Uint8Array }),
        return: () => Promise.reject(reason),
      }),
    });
    expect(await rejectionOf(start(failing(input)).return())).toBe(reason);
    expect(await rejectionOf(collect(start(failing("text"))))).toBeInstanceOf(TypeError);
  });
});

test("a KEK that fails or hangs closes the source", async () => {
  for (const slow of [false, true]) {
    const { source, log } = trackedIterator(chunked(envelope, 10_000));
    const abort = new AbortController();
    const bad = countingKek({ unwrap: slow ? hang : () => Promise.reject(new Error("no")) });
    const result = rejectionOf(collect(openStream(source, [bad], { signal: abort.signal })));
    await vi.waitUntil(() => bad.calls.length === 1, { interval: 1 });
    if (slow) abort.abort(reason);
    expect(await result).toMatchObject(slow ? reason : { code: "provider-error" });
    expect(log.closed).toBe(1);
  }
});
