import { type AsStored, asStored, type Context, type HeaderInfo } from "@letterlock/core";
import { usage } from "./failure.ts";

export interface ContextOptions {
  readonly context?: readonly string[] | undefined;
  readonly contextFromHeader?: boolean | undefined;
}

/** The pairs of `--context K=V`, over those of the configuration. */
export function givenContext({ context = [] }: ContextOptions, configured: Context): Context {
  const pairs = context.map(pair);
  const repeated = pairs.find(([key], index) => pairs.findIndex(([other]) => other === key) !== index);
  if (repeated !== undefined) throw usage(`--context ${repeated[0]} is given twice: a key has one value`);
  return { ...configured, ...Object.fromEntries(pairs) };
}

/**
 * What the header of an object must say. Without any expectation, a header with a context is refused: taking whatever it says must be asked for.
 */
export function expectedContext(options: ContextOptions, configured: Context, header: HeaderInfo): Context | AsStored {
  const given = givenContext(options, configured);
  if (options.contextFromHeader === true) return storedContext(options, given, header);
  const stored = Object.keys(header.context);
  if (Object.keys(given).length === 0 && stored.length + header.detached.length > 0) {
    const names = [...stored, ...header.detached].join(", ");
    throw usage(
      `it is bound to a context (${names}): say what you expect with --context K=V, or take what it says with --context-from-header`,
    );
  }
  return given;
}

function storedContext({ context = [] }: ContextOptions, given: Context, header: HeaderInfo): AsStored {
  const needless = context.map(pair).find(([key]) => !header.detached.includes(key));
  if (needless !== undefined) throw usage(`--context ${needless[0]}: with --context-from-header, only detached keys are given`);
  const missing = header.detached.find((key) => !Object.hasOwn(given, key));
  if (missing !== undefined) throw usage(`the value of ${missing} is detached, so not in the object: --context ${missing}=VALUE`);
  return asStored(Object.fromEntries(Object.entries(given).filter(([key]) => header.detached.includes(key))));
}

function pair(text: string): readonly [string, string] {
  const equals = text.indexOf("=");
  if (equals < 1) throw usage(`--context ${text}: write K=V`);
  return [text.slice(0, equals), text.slice(equals + 1)];
}
