import { type Kek, refresh, verify } from "@letterlock/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { carriersOf, operationsIn } from "./carries-secret.ts";
import { context, type SealedObject, sealedEnvelope, sealedObjects } from "./sealed-objects.ts";
import { spyingKek } from "./spying-kek.ts";
import { staleRecipients } from "./stale-recipients.ts";
import type { WireTap } from "./wire-tap.ts";

/** A key that is rotated from one end of its life to the other. */
export interface RotatingKey {
  readonly kek: Kek;
  rotate(): Promise<unknown> | unknown;
  /** The service itself wraps again. Otherwise the data key passes through this process. */
  readonly rewraps: boolean;
  /** What `refresh` may ask for. */
  readonly refreshAsks: readonly string[];
  /** Before the service, where what crosses the wire can be read. */
  readonly tap?: WireTap | undefined;
  /** What the service was asked since the last call, by its own log; required without a tap. */
  operations?(): readonly string[];
  /** The service tells at no call which version wrapped, so no header names one. */
  readonly tellsNoVersion?: boolean | undefined;
  /** How one version is shut out and let in again; undefined where the service cannot. */
  readonly version?:
    | {
        disable(version: string): Promise<unknown> | unknown;
        enable(version: string): Promise<unknown> | unknown;
        /** For good; undefined where the service cannot remove one version. */
        remove?(version: string): Promise<unknown> | unknown;
      }
    | undefined;
}

/** `start` is called once, with a stack for what must be closed. */
export function describeRotation(name: string, start: (started: AsyncDisposableStack) => Promise<RotatingKey>): void {
  describe(`the rotation of ${name}`, { timeout: 60_000 }, () => {
    const started = new AsyncDisposableStack();
    let key: RotatingKey;
    beforeAll(async () => {
      key = await start(started);
    }, 120_000);
    afterAll(() => started.disposeAsync(), 60_000);

    test("is seen, is followed by every object, and lets go of the old version", async () => {
      const { kek, version } = key;
      const before = await versionOf(kek);
      const old = await sealedObjects([kek]);
      await key.rotate();
      const after = await versionOf(kek);
      expect(after).not.toBe(before);

      for (const object of old) await object.check([kek]);
      const fresh = await sealedEnvelope([kek], "sealed after the rotation");
      const all = [...old, fresh];
      asked(key);
      expect(namesOfStale(all, kek, after)).toEqual(namesOf(key.tellsNoVersion === true ? all : old));
      expect(asked(key)).toEqual([]);

      const refreshed = await refreshAll(old, key);
      expect(namesOfStale([...refreshed, fresh], kek, after)).toEqual(key.tellsNoVersion === true ? namesOf(all) : []);
      await verifyAll([...refreshed, fresh], kek);

      if (version === undefined) return;
      await version.disable(before);
      for (const object of old) await expect(object.check([kek])).rejects.toMatchObject({ code: "kek-unusable" });
      await verifyAll([...refreshed, fresh], kek);
      await version.enable(before);
      for (const object of old) await object.check([kek]);

      if (version.remove === undefined) return;
      await version.remove(before);
      for (const object of old) await expect(object.check([kek])).rejects.toMatchObject({ code: "kek-unusable" });
      await verifyAll([...refreshed, fresh], kek);
    });

    test("costs one question for each object that is current already", async () => {
      if (key.tellsNoVersion === true) return;
      const object = await sealedEnvelope([key.kek]);
      asked(key);
      const { recipients, object: same } = await refresh(object.bytes, [key.kek], { context });
      expect(recipients).toMatchObject([{ status: "current" }]);
      expect(same).toEqual(object.bytes);
      expect(asked(key)).toHaveLength(1);
    });
  });
}

async function refreshAll(objects: readonly SealedObject[], key: RotatingKey): Promise<SealedObject[]> {
  const { kek, rewraps, tap } = key;
  const dataKeys = await dataKeysOf(objects, key);
  const refreshing = spyingKek(kek);
  const done: SealedObject[] = [];
  for (const object of objects) {
    const { object: bytes, recipients } = await refresh(object.bytes, [refreshing.kek], { context, usage: object.usage });
    expect(recipients).toMatchObject([{ status: rewraps ? "rewrapped" : "wrapped-again", error: undefined }]);
    expect(bytes).not.toEqual(object.bytes);
    done.push(object.withBytes(bytes));
  }
  const exchanges = tap?.take() ?? [];
  expect(new Set(key.operations?.() ?? operationsIn(exchanges))).toEqual(new Set(key.refreshAsks));
  if (tap !== undefined) {
    expect(new Set(operationsIn(exchanges))).toEqual(new Set(key.refreshAsks));
    for (const dataKey of dataKeys) expect(carriersOf(dataKey, exchanges).length > 0).toBe(!rewraps);
  }
  expect(refreshing.dataKeys).toHaveLength(rewraps ? 0 : objects.length);
  return done;
}

/** By opening. The search finds each of them in what crossed the wire meanwhile, or it would prove nothing afterwards. */
async function dataKeysOf(objects: readonly SealedObject[], key: RotatingKey): Promise<readonly Uint8Array[]> {
  const { kek, dataKeys } = spyingKek(key.kek);
  key.tap?.take();
  for (const object of objects) await object.check([kek]);
  expect(dataKeys).toHaveLength(objects.length);
  const exchanges = key.tap?.take();
  if (exchanges !== undefined) for (const dataKey of dataKeys) expect(carriersOf(dataKey, exchanges)).not.toEqual([]);
  asked(key);
  return dataKeys;
}

function asked({ tap, operations }: RotatingKey): readonly string[] {
  const exchanges = tap?.take() ?? [];
  return operations?.() ?? operationsIn(exchanges);
}

async function verifyAll(objects: readonly SealedObject[], kek: Kek): Promise<void> {
  for (const object of objects) {
    const { ok } = await verify(object.bytes, [kek], { context, usage: object.usage });
    expect(ok).toBe(true);
    await object.check([kek]);
  }
}

async function versionOf(kek: Kek): Promise<string> {
  const version = await kek.currentVersion?.({ signal: new AbortController().signal });
  if (version === undefined) throw new Error(`${kek.provider} does not tell the version of ${kek.keyRef}`);
  return version;
}

function namesOfStale(objects: readonly SealedObject[], kek: Kek, version: string): string[] {
  return namesOf(objects.filter(({ bytes }) => staleRecipients(bytes, kek, version).length > 0));
}

function namesOf(objects: readonly SealedObject[]): string[] {
  return objects.map(({ name }) => name);
}
