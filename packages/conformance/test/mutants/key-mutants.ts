import { posix } from "node:path";
import type { KekSubject } from "../../src/index.ts";
import { provider, replicaOf, soundBehaviour } from "../support/fake-kek.ts";
import { fakeSubject, plainSubject } from "../support/fake-subject.ts";
import { behaving, changing, type Mutant, mutant } from "./mutant.ts";

const unchecked = { check: () => undefined };
const answers = { wrap: "encrypt", unwrap: "decrypt", generate: "generate", rewrap: "reencrypt" } as const;

export const keyMutants: readonly Mutant[] = [
  behaving("takes the key from the recipient", "recipient-names-other-key", () => ({
    ...unchecked,
    askedKey: (configured, recipient) => recipient?.keyRef ?? configured,
  })),
  behaving("names no key when it unwraps", "one-request-unwrap", () => ({
    askedKey: (configured, recipient) => (recipient === undefined ? configured : undefined),
  })),
  behaving("opens what any key of the owner wrapped", "other-key", () => ({
    ...unchecked,
    askedKey: (configured, recipient) => (recipient === undefined ? configured : undefined),
  })),
  behaving("puts the keyVersion of a recipient into the request unchecked", "recipient-version", () => ({
    askedKey: (configured, recipient) =>
      /^\d{0,3}$/.test(recipient?.keyVersion ?? "") ? configured : posix.join(configured, recipient?.keyVersion ?? ""),
  })),
  changing("needs a keyVersion to unwrap", "recipient-version", (kek) => ({
    unwrap: async (recipient, call) => {
      if (recipient.keyVersion === undefined) throw new Error("which version?");
      return kek.unwrap(recipient, call);
    },
  })),
  ...Object.entries(answers).map(([operation, word]) =>
    behaving(`does not check which key answered ${operation}`, `answer-key-${operation}`, () => ({
      check: (configured, answer, asked) => {
        if (asked !== word) soundBehaviour.check(configured, answer, asked);
      },
    })),
  ),
  mutant("uses the key of the instance that was made last", "instances", () => {
    let last = "";
    return {
      behaviour: { ...soundBehaviour, ...unchecked, askedKey: () => last },
      finish: (kek) => {
        last = kek.keyRef;
        return kek;
      },
    };
  }),

  behaving("claims everything", "owns-other-key", () => ({ owns: () => true })),
  behaving("claims its keyRef of every provider", "owns-foreign", () => ({ owns: (configured, { keyRef }) => keyRef === configured })),
  behaving("claims every recipient of its provider", "owns-foreign", () => ({ owns: (_, recipient) => recipient.provider === provider })),
  behaving("claims every keyRef that starts like its own", "owns-foreign", () => ({
    owns: (configured, recipient) => recipient.provider === provider && recipient.keyRef.startsWith(configured),
  })),
  behaving("claims every keyRef up to its own", "owns-other-key", () => ({
    owns: (configured, recipient) => recipient.provider === provider && recipient.keyRef <= replicaOf(configured),
  })),
  behaving("claims its keyRef in any case", "owns-foreign", () => ({
    owns: (configured, recipient) => recipient.provider === provider && recipient.keyRef.toLowerCase() === configured,
  })),
  behaving("claims its key in every place", "owns-other-names", () => ({
    owns: (configured, recipient) =>
      recipient.provider === provider &&
      [configured, replicaOf(configured), configured.replace(/^\w+:/, "other:")].includes(recipient.keyRef),
  })),
  behaving("does not know the other name of its key", "owns-other-names", () => ({
    owns: (configured, recipient) => recipient.provider === provider && recipient.keyRef === configured,
  })),
  behaving("owns recipients of a version that it knows only", "owns-own", () => ({
    owns: (configured, recipient) => /^\d$/.test(recipient.keyVersion ?? "1") && soundBehaviour.owns(configured, recipient),
  })),
  behaving("owns recipients whose bytes look right only", "owns-own", () => ({
    owns: (configured, recipient) => recipient.wrapped.length === 61 && soundBehaviour.owns(configured, recipient),
  })),
  behaving("answers owns with a promise", "owns-own", () => ({
    owns: (configured, recipient) => Promise.resolve(soundBehaviour.owns(configured, recipient)) as unknown as boolean,
  })),
  behaving("throws from owns", "owns-malformed", () => ({
    owns: (configured, recipient) => recipient.provider === provider && new URL(recipient.keyRef).href === configured,
  })),
  changing("asks the service what it owns", "owns-offline", (kek, service) => ({
    owns: (recipient) => {
      service
        .client()
        .send(kek.keyRef, [{ operation: "describe" }], new AbortController().signal)
        .catch(() => undefined);
      return kek.owns(recipient);
    },
  })),

  changing("has another keyRef in every instance", "identity", (kek) => ({ keyRef: `${kek.keyRef}/${crypto.randomUUID()}` })),
  changing("has a keyRef with a space", "identity", (kek) => ({ keyRef: `the key ${kek.keyRef}` })),
  changing("has a provider that no header can hold", "identity", () => ({ provider: "Acme_Fake" })),
  changing("does not say whether it binds the context", "identity", () => ({ bindsContext: undefined as unknown as boolean })),
  changing("has a rewrap that is no function", "identity", () => ({ rewrap: null as unknown as never })),
  {
    name: "claims authenticatesWrap although a public key is enough",
    by: "authenticates-wrap",
    subject: () => plainSubject((kek) => ({ ...kek, authenticatesWrap: true })),
  },
  {
    name: "denies authenticatesWrap although a public key is not enough",
    by: "authenticates-wrap",
    subject: (): KekSubject => {
      const { create, ...members } = fakeSubject();
      const denied = (key: "a" | "b") => Promise.resolve(create?.(key)).then((kek) => kek && { ...kek, authenticatesWrap: false });
      return { ...members, create: denied, publicWrapper: plainSubject().publicWrapper };
    },
  },
  {
    name: "claims authenticatesWrap where it holds nothing but a public key",
    by: "authenticates-wrap",
    subject: () => {
      const { publicKek, ...subject } = plainSubject();
      return { ...subject, publicWrapper: () => ({ ...publicKek("a"), authenticatesWrap: true }) };
    },
  },
];
