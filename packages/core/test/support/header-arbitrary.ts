import { Buffer } from "node:buffer";
import * as fc from "fast-check";
import { makeCore, readContext, storedCore } from "../../src/context.ts";
import type { Header } from "../../src/header.ts";
import { recipientId, type StoredRecipient, sortRecipients } from "../../src/recipient.ts";
import { contextChoice } from "./context-arbitrary.ts";

const lower = "abcdefghijklmnopqrstuvwxyz";
const oneOf = (characters: string): fc.Arbitrary<string> => fc.constantFrom(...characters);
const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code));

const provider = fc
  .tuple(oneOf(lower), fc.string({ unit: oneOf(`${lower}0123456789-`), maxLength: 31 }))
  .map(([first, rest]) => `${first}${rest}`);

const bytes = (length: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: length, maxLength: length });

const recipient = fc
  .record({
    provider: fc.oneof(provider, fc.constantFrom("local", "aws-kms")),
    keyRef: fc.oneof(fc.string({ unit: visible, minLength: 1, maxLength: 255 }), fc.constantFrom("a", "aa", "b")),
    keyVersion: fc.option(fc.string({ unit: visible, minLength: 1, maxLength: 255 }), { nil: undefined }),
    wrapped: fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 100 }), fc.integer({ min: 1, max: 2048 }).chain(bytes)),
  })
  .map(
    (fields): StoredRecipient => ({
      ...fields,
      wrapped: new Uint8Array(fields.wrapped),
      id: recipientId(fields.provider, fields.keyRef),
    }),
  );

/** Headers of a valid form; keyId and mac are any bytes. */
export const header: fc.Arbitrary<Omit<Header, "pairs">> = fc
  .record({
    suite: fc.constantFrom<1 | 2>(1, 2),
    usage: fc.constantFrom<1 | 2>(1, 2),
    choice: contextChoice,
    keyId: bytes(32),
    recipients: fc.uniqueArray(recipient, {
      selector: ({ id }) => Buffer.from(id).toString("latin1"),
      minLength: 1,
      maxLength: 16,
    }),
    mac: bytes(32),
  })
  .map(({ suite, usage, choice, keyId, recipients, mac }) => ({
    suite,
    usage,
    stored: storedCore(makeCore(suite, usage, readContext(choice.context), new Set(choice.detached))),
    keyId: new Uint8Array(keyId),
    recipients: sortRecipients(recipients),
    mac: new Uint8Array(mac),
  }));
