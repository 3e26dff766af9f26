import { LetterlockError } from "@letterlock/core";
import type { ExitStatus } from "./exit-status.ts";
import type { Input } from "./files/inputs.ts";
import { type SealedSource, sealedSource } from "./sealed-source.ts";
import { forEachObject, type Session } from "./session.ts";
import { printable } from "./terminal/printable.ts";

/** Opens each sealed input for the work, and closes it. One that fails does not stop the others. */
export function forEachSealed<T extends { readonly input: Input }>(
  { options, report }: Session,
  list: readonly T[],
  work: (item: T, source: SealedSource) => Promise<void>,
): Promise<ExitStatus> {
  // Of a range, only parts are read, so that there is no whole to be done with.
  const onRead = options.range === undefined ? report.progress.add : () => {};
  return forEachObject(report, list, async (item) => {
    const source = await sealedSource(item.input, options, onRead);
    try {
      await work(item, source);
    } catch (error) {
      throw namingRecipients(error, source);
    } finally {
      await source.close();
    }
  });
}

/** Who holds none of the right keys wants to know which ones those are. */
function namingRecipients(error: unknown, { info }: SealedSource): unknown {
  if (!LetterlockError.is(error) || error.code !== "no-matching-kek" || error.provider !== undefined || info.type === "record")
    return error;
  const recipients = info.header.recipients.map(({ provider, keyRef }) => `${provider} ${printable(keyRef)}`).join(", ");
  return new LetterlockError("no-matching-kek", `none of the given KEKs opens it; its recipients are ${recipients}`, { cause: error });
}
