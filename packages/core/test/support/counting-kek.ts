import type { Kek, KekCall, KekErrorCode, KekOperation, Recipient, Wrapped } from "../../src/index.ts";

/** A KEK in memory that remembers what core did with it. `wrapped` is the data key XOR `mask`: it protects nothing. */
export interface CountingKek extends Kek {
  /** In the order of the calls. */
  readonly calls: KekOperation[];
  readonly made: KekCall[];
  /** What core asked `owns` about. */
  readonly asked: Recipient[];
  /** The very buffers that hold data keys: given to wrap, returned by unwrap and generate. */
  readonly buffers: Uint8Array[];
}

export interface CountingKekOptions {
  readonly provider?: string;
  readonly keyRef?: string;
  readonly keyVersion?: string;
  readonly authenticatesWrap?: boolean;
  readonly owns?: (recipient: Recipient) => boolean;
  readonly errorCode?: (error: unknown) => KekErrorCode;
  /** `answer` gives what the call would have been without it. What it returns need not be possible. */
  readonly wrap?: (answer: () => Wrapped, call: KekCall, dataKey: Uint8Array) => unknown;
  readonly unwrap?: (answer: () => Uint8Array, call: KekCall) => unknown;
  readonly generate?: (answer: () => Wrapped & { readonly dataKey: Uint8Array }, call: KekCall) => unknown;
  readonly rewrap?: (answer: () => Wrapped, call: KekCall) => unknown;
  readonly currentVersion?: (call: { readonly signal: AbortSignal }) => unknown;
}

/** An error that a counting KEK classifies as `code`. */
export class ProviderFailure extends Error {
  readonly failure: KekErrorCode;
  constructor(failure: KekErrorCode, message = `the fake provider says ${failure}`) {
    super(message);
    this.failure = failure;
  }
}

export function countingKek(options: CountingKekOptions = {}): CountingKek {
  const { provider = "test", keyRef = "key", keyVersion, authenticatesWrap = true } = options;
  const calls: KekOperation[] = [];
  const made: KekCall[] = [];
  const asked: Recipient[] = [];
  const buffers: Uint8Array[] = [];
  const enter = (operation: KekOperation, call: KekCall): void => {
    calls.push(operation);
    made.push(call);
  };
  const kept = <T extends Uint8Array>(buffer: T): T => {
    buffers.push(buffer);
    return buffer;
  };
  const wrappedOf = (dataKey: Uint8Array): Wrapped => ({ wrapped: masked(dataKey), keyVersion });
  const { generate, rewrap, currentVersion } = options;
  return {
    provider,
    keyRef,
    bindsContext: true,
    authenticatesWrap,
    calls,
    made,
    asked,
    buffers,
    errorCode: options.errorCode ?? ((error) => (error instanceof ProviderFailure ? error.failure : "provider-error")),
    owns: (recipient) => {
      asked.push(recipient);
      return options.owns === undefined ? recipient.provider === provider && recipient.keyRef === keyRef : options.owns(recipient);
    },
    wrap: async (dataKey, call) => {
      enter("wrap", call);
      kept(dataKey);
      const answer = () => wrappedOf(dataKey);
      return (options.wrap === undefined ? answer() : await options.wrap(answer, call, dataKey)) as Wrapped;
    },
    unwrap: async (recipient, call) => {
      enter("unwrap", call);
      const answer = () => kept(masked(recipient.wrapped));
      return (options.unwrap === undefined ? answer() : await options.unwrap(answer, call)) as Uint8Array;
    },
    ...(generate && {
      generate: async (call: KekCall) => {
        enter("generate", call);
        const answer = () => {
          const dataKey = kept(crypto.getRandomValues(new Uint8Array(32)));
          return { ...wrappedOf(dataKey), dataKey };
        };
        return (await generate(answer, call)) as Wrapped & { dataKey: Uint8Array };
      },
    }),
    ...(rewrap && {
      rewrap: async (recipient: Recipient, call: KekCall) => {
        enter("rewrap", call);
        return (await rewrap(() => ({ wrapped: new Uint8Array(recipient.wrapped), keyVersion }), call)) as Wrapped;
      },
    }),
    ...(currentVersion && {
      currentVersion: async (call: { readonly signal: AbortSignal }) => {
        calls.push("currentVersion");
        return (await currentVersion(call)) as string | undefined;
      },
    }),
  };
}

/** A KEK whose unwrap fails with `code`. */
export function failingKek(code: KekErrorCode, options: CountingKekOptions = {}): CountingKek {
  return countingKek({
    ...options,
    unwrap: () => {
      throw new ProviderFailure(code);
    },
  });
}

export const mask = 0x5a;

/** Over an ArrayBuffer of its own: V8 keeps the bytes of a small `new Uint8Array(n)` in its heap, and leaves them there when native code asks for them. */
export function masked(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(new ArrayBuffer(bytes.length));
  for (let i = 0; i < out.length; i++) out[i] = (bytes[i] ?? 0) ^ mask;
  return out;
}

/** Never settles, and ignores every signal. */
export function hang(): Promise<never> {
  return Promise.withResolvers<never>().promise;
}
