import type { Kek } from "@letterlock/core";
import type { KekSubject } from "../../src/index.ts";
import { type Behaviour, soundBehaviour } from "../support/fake-kek.ts";
import type { FakeService } from "../support/fake-service.ts";
import { fakeSubject, type Making, soundMaking } from "../support/fake-subject.ts";

/** A KEK that is wrong in one way. */
export interface Mutant {
  /** Finishes the sentence "a KEK that ...". */
  readonly name: string;
  /** The case that has to catch it; others may as well. */
  readonly by: string;
  /** A new subject, with a service and memory of its own. */
  readonly subject: () => KekSubject;
}

export function mutant(name: string, by: string, making: () => Partial<Making>): Mutant {
  return { name, by, subject: () => fakeSubject({ ...soundMaking, ...making() }) };
}

/** Wrong in what it does at one place of every call. */
export function behaving(name: string, by: string, behaviour: () => Partial<Behaviour>): Mutant {
  return mutant(name, by, () => ({ behaviour: { ...soundBehaviour, ...behaviour() } }));
}

/** Wrong in some members, which `change` makes from the sound ones. */
export function changing(name: string, by: string, change: (kek: Kek, service: FakeService) => Partial<Kek>): Mutant {
  return mutant(name, by, () => ({ finish: (kek, service) => ({ ...kek, ...change(kek, service) }) }));
}

/** As `changing`, with memory that all instances of the subject share. */
export function remembering<T>(name: string, by: string, memory: () => T, change: (kek: Kek, memory: T) => Partial<Kek>): Mutant {
  return mutant(name, by, () => {
    const shared = memory();
    return { finish: (kek) => ({ ...kek, ...change(kek, shared) }) };
  });
}
