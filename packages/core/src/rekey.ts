import { readAad } from "./aad.ts";
import { type Bytes, requireBytes } from "./bytes.ts";
import { type Core, makeCore, readContext, readDetached } from "./context.ts";
import { createHeader } from "./create-header.ts";
import type { KekUnwrapper, KekWrapper } from "./kek.ts";
import { readWrappers } from "./kek-list.ts";
import { parseObject } from "./object.ts";
import { openHeader, readOpener } from "./open-header.ts";
import { checkOptions, headerOptions, type RekeyOptions } from "./options.ts";
import { openPayload } from "./payload.ts";
import { sealedEnvelope } from "./seal.ts";
import { suiteId } from "./suite.ts";

/**
 * New data key, payload encrypted again: what removes a former recipient for good. What `change` does not name is carried over: context, detached keys (as
 * far as the new context has them), suite, aad. An envelope only. Codes as `open`, and those of the KEKs in `to`.
 */
export async function rekey(
  envelope: Uint8Array,
  keks: { readonly from: readonly KekUnwrapper[]; readonly to: readonly KekWrapper[] },
  options: RekeyOptions = {},
): Promise<Bytes> {
  requireBytes("envelope", envelope);
  checkOptions(options, [...headerOptions, "aad", "change"]);
  if (typeof keks !== "object" || keks === null) throw new TypeError("keks must be { from, to }");
  checkOptions(keks, ["from", "to"], "member of keks");
  const change = readChange(options);
  const to = readWrappers(keks.to, "to");
  const aad = readAad(options.aad);
  const opener = readOpener(keks.from, options);
  const { header, payloadOffset } = parseObject(envelope, ["envelope"]);
  const opened = await openHeader(header, opener);
  const plaintext = openPayload(opened, envelope, payloadOffset, aad);
  try {
    const created = await createHeader(to, changed(opened.core, change), opener.signal);
    return sealedEnvelope(created, plaintext, change.aad === undefined ? aad : readAad(change.aad));
  } finally {
    plaintext.fill(0);
  }
}

type Change = NonNullable<RekeyOptions["change"]>;

/** Everything that can be found wrong before the envelope is opened. */
function readChange(options: RekeyOptions): Change {
  const change = options.change === undefined ? {} : options.change;
  checkOptions(change, ["context", "detached", "aad", "suite"], "member of change");
  readAad(change.aad);
  suiteId(change.suite);
  if (change.context !== undefined) readDetached(change.detached, readContext(change.context));
  return change;
}

function changed(core: Core, change: Change): Core {
  const pairs = change.context === undefined ? core.pairs : readContext(change.context);
  const carried = [...core.detached].filter((key) => pairs.some((pair) => pair.key === key));
  return makeCore(
    change.suite === undefined ? core.suite : suiteId(change.suite),
    core.usage,
    pairs,
    readDetached(change.detached ?? carried, pairs),
  );
}
