import * as core from "../../src/index.ts";
import { countingKek, hang, masked } from "./counting-kek.ts";
import { scanOwnMemory } from "./memory-scan.ts";

// Run as a process of its own with --expose-gc: node memory-child.ts <scenario>. Prints the regions of memory that hold pieces of
// data keys: while the scenario's object is alive, and after it ended and garbage was collected.

export interface Measured {
  readonly live: string[];
  readonly after: string[];
}

/** Masked copies of every data key that a KEK saw. */
const secrets: Uint8Array[] = [];
const seeing = (keyRef: string) =>
  countingKek({
    keyRef,
    wrap: (answer, _call, dataKey) => {
      secrets.push(masked(dataKey));
      return answer();
    },
    rewrap: (answer) => answer(),
  });
const message = new Uint8Array(1000).fill(7);
const limits = { maxAgeMs: 60_000, maxUses: 100, maxBytes: 100_000, maxEntries: 1 };
const collectGarbage = async () => {
  for (let round = 0; round < 3; round++) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
};
/** The KEK itself is gone; its members are not. */
const spreadLocalKek = (number: number): core.Kek => {
  const secret = crypto.getRandomValues(new Uint8Array(new ArrayBuffer(32)));
  secrets.push(masked(secret));
  const copy = { ...core.localKek({ name: `n${number}`, secret }) };
  secret.fill(0);
  return copy;
};
const drain = async (stream: AsyncIterable<Uint8Array>) => {
  for await (const _ of stream);
};

/** Each returns what ends the life of the key, or nothing where it ended already. */
const scenarios: Record<string, () => Promise<(() => unknown) | undefined>> = {
  "DataKey dispose": async () => {
    const { key, blob } = await core.createDataKey([seeing("a")]);
    key.open(key.seal(message, { aad: "" }), { aad: "" });
    const opened = await core.openDataKey(blob, [seeing("a")]);
    opened.seal(message, { aad: "" });
    return () => {
      key[Symbol.dispose]();
      opened[Symbol.dispose]();
    };
  },
  "cache eviction": async () => {
    const cache = core.createKeyCache(limits);
    const kek = seeing("a");
    await core.open(await core.seal(message, [kek], { cache }), [kek], { cache });
    // The entry of the other context pushes the first one out; its own key is not looked for.
    return async () => {
      const other = await core.seal(message, [countingKek({ keyRef: "b" })], { cache });
      await core.open(other, [countingKek({ keyRef: "b" })], { cache });
    };
  },
  "cache clear": async () => {
    const cache = core.createKeyCache(limits);
    const kek = seeing("a");
    await core.open(await core.seal(message, [kek], { cache }), [kek], { cache });
    return () => cache.clear();
  },
  "cache dispose": async () => {
    const cache = core.createKeyCache(limits);
    const kek = seeing("a");
    await core.open(await core.seal(message, [kek], { cache }), [kek], { cache });
    return () => cache[Symbol.dispose]();
  },
  "cache expiry": async () => {
    const cache = core.createKeyCache({ ...limits, maxAgeMs: 1500 });
    const kek = seeing("a");
    await core.open(await core.seal(message, [kek], { cache }), [kek], { cache });
    // Nobody asks for it any more; `settled` waits until it is gone.
    return () => cache;
  },
  "cache dispose during a flight": async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const cache = core.createKeyCache({ ...limits, maxUses: 1 });
    const kek = countingKek({
      wrap: async (answer, _call, dataKey) => {
        secrets.push(masked(dataKey));
        await promise;
        return answer();
      },
    });
    const sealing = Promise.allSettled([core.seal(message, [kek], { cache }), core.seal(message, [kek], { cache })]);
    return async () => {
      cache[Symbol.dispose]();
      resolve();
      await sealing;
    };
  },
  "reader dispose": async () => {
    const envelope = await core.seal(message, [seeing("a")]);
    const source = { size: envelope.length, read: async (start: number, end: number) => envelope.slice(start, end) };
    const reader = await core.openReader(source, [seeing("a")]);
    return () => reader[Symbol.dispose]();
  },
  "one-shot": async () => {
    const kek = seeing("a");
    for (const suite of ["aes-256-gcm", "chacha20-poly1305"] as const) await core.open(await core.seal(message, [kek], { suite }), [kek]);
    return undefined;
  },
  streams: async () => {
    const kek = seeing("a");
    const envelope = await core.seal(message, [kek]);
    await drain(core.openStream(core.sealStream([message], [kek]), [kek]));
    await core.openStream([envelope], [kek]).next();
    const left = core.openStream([envelope], [kek]);
    await left.next();
    await left.return();
    return undefined;
  },
  "rewrap, refresh, rekey, verify": async () => {
    const [a, b] = [seeing("a"), seeing("b")];
    const { rewrap: _, ...wrapsAgain } = seeing("a");
    const envelope = await core.seal(message, [a]);
    const moved = await core.rewrap(envelope, { from: [a], to: [a, b] });
    await core.refresh(moved, [a, b]);
    await core.refresh(moved, [wrapsAgain]);
    await core.rekey(moved, { from: [b], to: [a, b] });
    await core.verify(moved, [a, b], { payload: { aad: "" } });
    return undefined;
  },
  "a failed open and an abort": async () => {
    const kek = seeing("a");
    const envelope = await core.seal(message, [kek]);
    const damaged = envelope.with(-1, 1 ^ (envelope.at(-1) ?? 0));
    await core.open(damaged, [kek]).catch(() => undefined);
    const abort = new AbortController();
    const sealing = core.seal(message, [kek, countingKek({ keyRef: "b", wrap: hang })], { signal: abort.signal });
    abort.abort();
    await sealing.catch(() => undefined);
    return undefined;
  },
  "garbage collections during wrap": async () => {
    const collecting = countingKek({
      wrap: async (answer, _call, dataKey) => {
        secrets.push(masked(dataKey));
        await collectGarbage();
        return answer();
      },
    });
    const local = core.localKek({ name: "n", secret: crypto.getRandomValues(new Uint8Array(new ArrayBuffer(32))) });
    const envelope = await core.seal(message, [collecting, local]);
    await core.rewrap(envelope, { from: [local], to: [collecting, local] });
    return undefined;
  },
  localKek: async () => {
    const local = core.localKek({ name: "n", secret: crypto.getRandomValues(new Uint8Array(32)) });
    await core.open(await core.seal(message, [local, seeing("a")]), [local]);
    return undefined;
  },
  "the last copy of a localKek": async () => {
    const copies = [1, 2, 3].map(spreadLocalKek);
    const sealed = await Promise.all(copies.map((copy) => core.seal(message, [copy])));
    await collectGarbage();
    await Promise.all(sealed.map((envelope) => core.open(envelope, copies)));
    return () => {
      copies.length = 0;
    };
  },
  passphraseKek: async () => {
    const kek = core.passphraseKek({ name: "n", passphrase: "correct horse", logN: 15 });
    await core.open(await core.seal(message, [kek, seeing("a")]), [kek]);
    return undefined;
  },
  "intermediateKek dispose": async () => {
    const { keyId, blob } = await core.createIntermediateKek([seeing("a")]);
    const kek = core.intermediateKek({ keyId, blob, keks: [seeing("a")], maxAgeMs: 60_000 });
    await core.open(await core.seal(message, [kek]), [kek]);
    return () => kek[Symbol.dispose]();
  },
};

export const scenarioNames: readonly string[] = Object.keys(scenarios);

const wanted = process.argv[2];
if (wanted !== undefined && import.meta.filename === process.argv[1]) console.log(JSON.stringify(await measure(wanted)));

async function measure(name: string): Promise<Measured> {
  const scenario = scenarios[name];
  if (scenario === undefined) throw new Error(`no scenario ${name}`);
  const end = await scenario();
  const live = end === undefined ? [] : scanOwnMemory(secrets);
  await end?.();
  let after = scanOwnMemory(secrets);
  // An expiry takes its 1.5 s; everything else is gone after a round or two.
  const deadline = performance.now() + 10_000;
  while (after.length > 0 && performance.now() < deadline) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
    after = scanOwnMemory(secrets);
  }
  return { live, after };
}
