import type { KeyStore } from "../../src/index.ts";

type Member = Exclude<keyof KeyStore, "list">;

export interface GatedStore {
  readonly store: KeyStore;
  /** Called before each call goes on: it may wait, fail, or hang. */
  before: (member: Member) => Promise<void>;
  /** Called after each call, before its answer is given. */
  after: (member: Member) => Promise<void>;
}

/** A store in whose calls a test can wait or fail. */
export function gatedStore(inner: KeyStore): GatedStore {
  const through = async <T>(member: Member, run: () => Promise<T>): Promise<T> => {
    await gated.before(member);
    const answer = await run();
    await gated.after(member);
    return answer;
  };
  const gated: GatedStore = {
    before: async () => undefined,
    after: async () => undefined,
    store: {
      get: (keyId) => through("get", () => inner.get(keyId)),
      current: (slot) => through("current", () => inner.current(slot)),
      create: (slot, blob, after) => through("create", () => inner.create(slot, blob, after)),
      replace: (keyId, expected, blob) => through("replace", () => inner.replace(keyId, expected, blob)),
      destroy: (slot) => through("destroy", () => inner.destroy(slot)),
      list: (options) => inner.list(options),
    },
  };
  return gated;
}
