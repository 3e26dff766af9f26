import type { Kek, KekUnwrapper, KekWrapper } from "@letterlock/core";
import type { CaseSettings } from "./conformance-case.ts";
import type { Awaitable, FaultCode, KekRequest, KekSubject, KeyName } from "./subject.ts";
import { unproven } from "./unproven.ts";
import { within } from "./within.ts";

/** One run of one case: makes its KEKs, and disposes of those made so far as often as it is asked. */
export interface Trial extends AsyncDisposable {
  readonly subject: KekSubject;
  /** Of the whole run. */
  readonly settings: CaseSettings;
  readonly signal: AbortSignal;
  readonly patienceMs: number;
  wrapper(key?: KeyName): Promise<KekWrapper>;
  unwrapper(key?: KeyName): Promise<KekUnwrapper>;
  /** One instance that does both where `create` makes it, as an application has it; otherwise one for each half. */
  pair(key?: KeyName): Promise<{ readonly wrapper: KekWrapper; readonly unwrapper: KekUnwrapper }>;
  /** Whatever the subject can make for key a. */
  any(): Promise<AnyKek>;
  /** The KEK of `create`, which does both. */
  whole(): Promise<Kek>;
  batching(): Promise<Kek | undefined>;
  fault(code: FaultCode): Promise<AnyKek | undefined>;
  /** A KEK of one of the members that take no key. The member must be there. */
  special(member: "publicWrapper" | "hanging" | "timingOut" | "answersFromAnotherKey"): Promise<AnyKek>;
  /** What reached the service since the last call. `requests` must be there. */
  requests(): Promise<readonly KekRequest[]>;
}

/** A KEK with the members that it has. */
export type AnyKek = (Kek | KekWrapper | KekUnwrapper) & Partial<Kek>;

const defaultPatienceMs = 10_000;
const never = new AbortController().signal;

export function trial(subject: KekSubject, settings: CaseSettings): Trial {
  const made: unknown[] = [];
  const patience = { signal: settings.signal ?? never, patienceMs: settings.patienceMs ?? defaultPatienceMs };
  const make = async <T>(kek: Awaitable<T> | undefined): Promise<T | undefined> => {
    const result = await within(patience, "for the subject to make a KEK", Promise.resolve(kek));
    made.push(result);
    return result;
  };
  const required = async <T>(kek: Awaitable<T | undefined> | undefined, key: KeyName): Promise<T> =>
    (await make(kek)) ?? unproven(`the subject has no key ${key}`);
  const wrapper = (key: KeyName = "a"): Promise<KekWrapper> =>
    required<KekWrapper>(subject.createWrapper === undefined ? subject.create?.(key) : subject.createWrapper(key), key);
  const unwrapper = (key: KeyName = "a"): Promise<KekUnwrapper> =>
    required<KekUnwrapper>(subject.createUnwrapper === undefined ? subject.create?.(key) : subject.createUnwrapper(key), key);
  return {
    subject,
    settings,
    ...patience,
    wrapper,
    unwrapper,
    async pair(key: KeyName = "a") {
      const { create, createWrapper, createUnwrapper } = subject;
      if (createWrapper !== undefined || createUnwrapper !== undefined)
        return { wrapper: await wrapper(key), unwrapper: await unwrapper(key) };
      const kek = await required<Kek>(create?.(key), key);
      return { wrapper: kek, unwrapper: kek };
    },
    any: async () => (subject.create === undefined && subject.createWrapper === undefined ? unwrapper() : wrapper()),
    whole: () => required<Kek>(subject.create?.("a"), "a"),
    batching: async () => make(subject.createBatching?.("a")),
    fault: async (code) => make(subject.faults?.[code]?.()),
    special: async (member) => (await make(subject[member]?.())) ?? unproven(`the subject has no ${member}`),
    requests: async () => (await subject.requests?.()) ?? [],
    async [Symbol.asyncDispose]() {
      for (const kek of made.splice(0).reverse()) await dispose(kek);
    },
  };
}

async function dispose(kek: unknown): Promise<void> {
  const { [Symbol.asyncDispose]: later, [Symbol.dispose]: now } = (kek ?? {}) as Partial<AsyncDisposable & Disposable>;
  if (later !== undefined) await later.call(kek);
  else now?.call(kek);
}
