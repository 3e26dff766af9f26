import assert from "node:assert/strict";
import type { KekUnwrapper, Recipient } from "@letterlock/core";
import { type ConformanceCase, conformanceCase } from "../conformance-case.ts";
import { failure } from "../failure.ts";
import { specimen } from "../specimen.ts";
import type { KekSubject } from "../subject.ts";

const unwrapping = [["create", "createUnwrapper"]] as const satisfies readonly (readonly (keyof KekSubject)[])[];

// Text that is allowed in a header, and trips up whoever parses it without care: URLs, paths, ARNs, percent signs.
const oddNames = [
  "",
  "x",
  "%",
  "%zz",
  "/",
  "//",
  "../..",
  ":",
  "::::::",
  "https://",
  "http://[",
  "arn:",
  "arn:aws:kms",
  "projects/",
  "0",
  "é",
  "\n",
];

export const ownsCases: readonly ConformanceCase[] = [
  conformanceCase({
    id: "owns-own",
    title: "owns a recipient of its key, whatever version and bytes it has",
    requirement:
      "A KEK matches a recipient whose provider and keyRef are its own. keyVersion and wrapped decide nothing: they are not authenticated.",
    needs: unwrapping,
    async run(trial) {
      const kek = await trial.unwrapper();
      for (const keyVersion of [undefined, "1", "999999999999", "../x", "x".repeat(255)]) {
        for (const wrapped of [new Uint8Array(1), new Uint8Array(2048).fill(0x41)]) {
          const own = { provider: kek.provider, keyRef: kek.keyRef, keyVersion, wrapped };
          assert.ok(owns(kek, own), `owns said false of its own recipient with keyVersion ${keyVersion?.slice(0, 12)}`);
        }
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "owns-foreign",
    title: "owns no recipient of another key or provider",
    requirement:
      "The KEKs that a caller passes are the allow-list, so a KEK must not claim what is not its own: another keyRef, one that only looks alike, another provider.",
    needs: unwrapping,
    async run(trial) {
      const kek = await trial.unwrapper();
      const { provider, keyRef } = kek;
      const alike = [
        `${keyRef}x`,
        `x${keyRef}`,
        `${keyRef}/`,
        `${keyRef}/1`,
        keyRef.slice(0, -1),
        keyRef.slice(1),
        `${keyRef}?`,
        `${keyRef}#`,
        `${keyRef}%20`,
      ];
      for (const other of [...alike, swappedCase(keyRef)]) {
        if (other === keyRef) continue;
        assert.ok(!owns(kek, recipient(provider, other)), `owns said true of the keyRef ${other} of another key`);
      }
      for (const other of ["conformance", `${provider}x`, provider.slice(0, -1), provider.toUpperCase()]) {
        assert.ok(!owns(kek, recipient(other, keyRef)), `owns said true of a recipient of the provider ${other}`);
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "owns-other-key",
    title: "owns no recipient of key b under key a",
    requirement: "Two keys of one provider are two KEKs, and each owns its own recipients only.",
    async run(trial) {
      const [one, other] = [await specimen(trial), await specimen(trial, { key: "b" })];
      assert.ok(one.recipient.provider === other.recipient.provider, "the subject's keys a and b are of two providers");
      assert.ok(one.recipient.keyRef !== other.recipient.keyRef, "the subject's keys a and b have one keyRef");
      assert.ok(owns(one.unwrapper, one.recipient) && owns(other.unwrapper, other.recipient), "owns said false of what it wrapped itself");
      assert.ok(!owns(one.unwrapper, other.recipient), "the KEK of key a owns a recipient of key b");
      assert.ok(!owns(other.unwrapper, one.recipient), "the KEK of key b owns a recipient of key a");
      return undefined;
    },
  }),
  conformanceCase({
    id: "owns-other-names",
    title: "owns the other names of its key and no look-alike",
    requirement:
      "Where a provider guarantees that several keyRefs name one key, such as the replicas of a multi-Region key, the KEK owns them all; the same name in another region, account or project is another key.",
    needs: [...unwrapping, "keyRefs"],
    async run(trial) {
      const kek = await trial.unwrapper();
      const { same, other } = trial.subject.keyRefs ?? { same: [], other: [] };
      for (const keyRef of same)
        assert.ok(owns(kek, recipient(kek.provider, keyRef)), `owns said false of ${keyRef}, which names the same key`);
      for (const keyRef of other)
        assert.ok(!owns(kek, recipient(kek.provider, keyRef)), `owns said true of ${keyRef}, which names another key`);
      return undefined;
    },
  }),
  conformanceCase({
    id: "owns-malformed",
    title: "decides about malformed recipients without throwing",
    requirement:
      "A header is not authenticated when core asks owns: any text and any bytes may stand in it, and an exception would keep the other KEKs from opening.",
    needs: unwrapping,
    async run(trial) {
      const kek = await trial.unwrapper();
      const names = [...oddNames, "x".repeat(10_000), `${kek.keyRef.slice(0, kek.keyRef.length / 2)}%`];
      for (const name of names.filter((each) => each !== kek.keyRef)) {
        for (const provider of [kek.provider, name]) {
          for (const wrapped of [new Uint8Array(0), new Uint8Array(3)]) {
            const odd = { provider, keyRef: name, keyVersion: name, wrapped };
            assert.ok(!owns(kek, odd), `owns said true of the keyRef ${JSON.stringify(name.slice(0, 20))}`);
          }
        }
      }
      return undefined;
    },
  }),
  conformanceCase({
    id: "owns-offline",
    title: "decides what it owns without asking the service",
    requirement:
      "Core asks owns about every recipient before it contacts anybody, so the answer is a boolean, at once, and no request is sent.",
    needs: [...unwrapping, "requests"],
    async run(trial) {
      const kek = await trial.unwrapper();
      await trial.requests();
      for (const keyRef of [kek.keyRef, `${kek.keyRef}x`]) owns(kek, recipient(kek.provider, keyRef));
      // A request that owns started is on its way for a moment.
      await new Promise((resolve) => setTimeout(resolve, 50));
      const requests = await trial.requests();
      assert.ok(requests.length === 0, `owns made the KEK send ${requests.length} requests (${requests[0]?.operation})`);
      return undefined;
    },
  }),
];

function recipient(provider: string, keyRef: string): Recipient {
  return { provider, keyRef, keyVersion: "1", wrapped: new Uint8Array(64).fill(7) };
}

function owns(kek: KekUnwrapper, asked: Recipient): boolean {
  let answer: unknown;
  try {
    answer = kek.owns(Object.freeze({ ...asked }));
  } catch (error) {
    throw failure("owns threw instead of answering", error);
  }
  assert.ok(typeof answer === "boolean", `owns returned ${typeof answer === "object" ? "an object" : String(answer)}, not a boolean`);
  return answer;
}

function swappedCase(text: string): string {
  return text.replaceAll(/[a-z]/gi, (letter) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()));
}
