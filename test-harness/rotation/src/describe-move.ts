import { type Kek, rewrap, verify } from "@letterlock/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { context, type SealedObject, sealedObjects } from "./sealed-objects.ts";
import { recipientsOf } from "./stale-recipients.ts";

/** Two keys: what is sealed for one is to be opened by the other alone. */
export interface Move {
  readonly from: Kek;
  readonly to: Kek;
  /** The whole old key, for a while. */
  disable(): Promise<unknown> | unknown;
  enable(): Promise<unknown> | unknown;
  /** The old key, for good. */
  remove(): Promise<unknown> | unknown;
}

export function describeMove(name: string, start: (started: AsyncDisposableStack) => Promise<Move>): void {
  describe(`the move to ${name}`, { timeout: 60_000 }, () => {
    const started = new AsyncDisposableStack();
    let move: Move;
    beforeAll(async () => {
      move = await start(started);
    }, 120_000);
    afterAll(() => started.disposeAsync(), 60_000);

    test("is done with both keys first, tried without the old one, and taken back until it is ended", async () => {
      const { from, to } = move;
      const old = await sealedObjects([from]);
      for (const object of old) {
        const code = object.usage === "kek" ? "kek-unusable" : "no-matching-kek";
        await expect(object.check([to])).rejects.toMatchObject({ code });
      }

      const both = await changed(old, (bytes, usage) => rewrap(bytes, { from: [from], to: [to], keep: () => true }, { context, usage }));
      for (const { bytes, usage } of both) {
        expect(await verify(bytes, [from, to], { context, usage })).toMatchObject({ ok: true, recipients: [{}, {}] });
      }

      await move.disable();
      for (const object of old) await expect(object.check([from])).rejects.toMatchObject({ code: "kek-unusable" });
      for (const object of both) {
        const report = await verify(object.bytes, [from, to], { context, usage: object.usage });
        expect(Object.fromEntries(report.recipients.map(({ keyRef, status }) => [keyRef, status]))).toEqual({
          [from.keyRef]: "kek-unusable",
          [to.keyRef]: "ok",
        });
        await object.check([from, to]);
        await object.check([to]);
      }
      await move.enable();
      for (const object of old) await object.check([from]);

      const ended = await changed(both, (bytes, usage) =>
        rewrap(bytes, { from: [to], to: [], keep: (recipient) => recipient.keyRef === to.keyRef }, { context, usage }),
      );
      for (const { bytes, usage } of ended) {
        expect(recipientsOf(bytes).map(({ provider, keyRef }) => ({ provider, keyRef }))).toEqual([
          { provider: to.provider, keyRef: to.keyRef },
        ]);
        expect(await verify(bytes, [to], { context, usage })).toMatchObject({ ok: true, recipients: [{}] });
      }

      await move.remove();
      for (const object of old) await expect(object.check([from])).rejects.toMatchObject({ name: "LetterlockError" });
      for (const object of ended) await object.check([to]);
    });
  });
}

async function changed(
  objects: readonly SealedObject[],
  change: (bytes: Uint8Array, usage: SealedObject["usage"]) => Promise<Uint8Array>,
): Promise<SealedObject[]> {
  const done: SealedObject[] = [];
  for (const object of objects) done.push(object.withBytes(await change(object.bytes, object.usage)));
  return done;
}
