import type { EnvelopeStore } from "./envelope-store.ts";

/** A store under test, with what an application does to it beside the migration. Empty when it is made. */
export interface StoreSubject {
  readonly store: EnvelopeStore;
  /** One more client of the same store, as another process has it. */
  another(): Promise<EnvelopeStore>;
  /** Makes an object or changes one, as an application does, in one step, and tells its id. */
  put(name: string, object: Uint8Array): Promise<string>;
  delete(name: string): Promise<void>;
  /** What an application reads; undefined for what is not there. */
  get(name: string): Promise<Uint8Array | undefined>;
  /** Names that the store cannot have at all: the odd ones of the suite are tried without them. */
  readonly refusesName?: ((name: string) => boolean) | undefined;
  /** Of the largest object that the suite makes; 20 MiB by default. Where a store has a smaller limit, that. */
  readonly hugeBytes?: number | undefined;
  /** Only envelopes in text form can be stored. */
  readonly textOnly?: boolean | undefined;
  /** Takes the right to write away, until what it returns is called. */
  forbid(): Promise<() => Promise<void>>;
  /** Takes the right to read away, of the objects or of their list. Without it, the suite does not ask what the store says then. */
  forbidReading?(): Promise<() => Promise<void>>;
  /** What a write leaves behind that is no object: drafts, unfinished uploads. */
  leftovers?(): Promise<readonly string[]>;
}

/** A sentence about a store, and its proof. */
export interface StoreCase {
  readonly id: string;
  /** Finishes the sentence "the store …". */
  readonly title: string;
  run(subject: StoreSubject): Promise<void>;
}
