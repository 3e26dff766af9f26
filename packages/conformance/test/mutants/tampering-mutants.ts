import type { Recipient } from "@letterlock/core";
import { FakeServiceError } from "../support/fake-service.ts";
import { changing, type Mutant } from "./mutant.ts";

/** How long what the fake service makes of a data key is. */
const wrappedBytes = 61;
const withBytes = (recipient: Recipient, wrapped: Uint8Array): Recipient => ({ ...recipient, wrapped });

export const tamperingMutants: readonly Mutant[] = [
  changing("returns zeros for what does not verify", "tampered", (kek) => ({
    unwrap: (...given) => kek.unwrap(...given).catch(() => new Uint8Array(32)),
  })),
  changing("reads base64 loosely", "tampered", (kek) => ({
    wrap: async (...given) => {
      const { wrapped, keyVersion } = await kek.wrap(...given);
      return { wrapped: Buffer.from(Buffer.from(wrapped).toString("base64")), keyVersion };
    },
    unwrap: (recipient, call) => kek.unwrap(withBytes(recipient, Buffer.from(Buffer.from(recipient.wrapped).toString(), "base64")), call),
  })),
  changing("does not mind what is missing at the end", "truncated", (kek) => ({
    wrap: async (...given) => {
      const { wrapped, keyVersion } = await kek.wrap(...given);
      return { wrapped: Buffer.concat([wrapped, Buffer.from("signature")]), keyVersion };
    },
    unwrap: (recipient, call) => kek.unwrap(withBytes(recipient, recipient.wrapped.subarray(0, wrappedBytes)), call),
  })),
  changing("does not mind what follows", "extended", (kek) => ({
    unwrap: (recipient, call) => kek.unwrap(withBytes(recipient, recipient.wrapped.subarray(0, wrappedBytes)), call),
  })),
  changing("does not mind what stands before", "extended", (kek) => ({
    unwrap: (recipient, call) => kek.unwrap(withBytes(recipient, recipient.wrapped.subarray(-wrappedBytes)), call),
  })),
  changing("fails on bytes of another kind as if the provider had", "foreign-bytes", (kek) => ({
    wrap: async (...given) => {
      const { wrapped, keyVersion } = await kek.wrap(...given);
      return { wrapped: Buffer.from(JSON.stringify({ hex: Buffer.from(wrapped).toString("hex") })), keyVersion };
    },
    unwrap: async (recipient, call) => {
      const { hex } = JSON.parse(Buffer.from(recipient.wrapped).toString()) as { hex: string };
      const wrapped = Buffer.from(hex, "hex");
      if (wrapped.toString("hex") !== hex) throw new FakeServiceError(400, "respelt");
      return kek.unwrap(withBytes(recipient, wrapped), call);
    },
  })),
  changing("fails on data keys of another length as if the provider had", "foreign-ciphertext", (kek) => ({
    unwrap: async (...given) => {
      const opened = await kek.unwrap(...given);
      if (opened.length !== 32) throw new Error("not a data key");
      return opened;
    },
  })),
];
