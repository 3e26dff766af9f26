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
import { type SuiteId, suiteId } from "./suite.ts";

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
    return sealedEnvelope(created, plaintext, change.aad ?? aad);
  } finally {
    plaintext.fill(0);
  }
}

/** Copies: the caller's objects may change while we wait. */
interface Change {
  readonly pairs: ReturnType<typeof readContext> | undefined;
  readonly detached: readonly string[] | undefined;
  readonly aad: Uint8Array | undefined;
  readonly suite: SuiteId | undefined;
}

/** Everything that can be found wrong before the envelope is opened. */
function readChange(options: RekeyOptions): Change {
  const change = options.change === undefined ? {} : options.change;
  checkOptions(change, ["context", "detached", "aad", "suite"], "member of change");
  const { context, aad, suite } = change;
  if (change.detached !== undefined && !Array.isArray(change.detached)) throw new TypeError("detached must be an array of context keys");
  const detached = change.detached === undefined ? undefined : [...change.detached];
  const pairs = context === undefined ? undefined : readContext(context);
  if (pairs !== undefined) readDetached(detached, pairs);
  return { pairs, detached, aad: aad === undefined ? undefined : readAad(aad), suite: suite === undefined ? undefined : suiteId(suite) };
}

function changed(core: Core, change: Change): Core {
  const pairs = change.pairs ?? core.pairs;
  const carried = [...core.detached].filter((key) => pairs.some((pair) => pair.key === key));
  return makeCore(change.suite ?? core.suite, core.usage, pairs, readDetached(change.detached ?? carried, pairs));
}
