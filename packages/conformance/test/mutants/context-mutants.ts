import { createHash } from "node:crypto";
import type { Kek, KekCall } from "@letterlock/core";
import { soundBehaviour } from "../support/fake-kek.ts";
import { FakeServiceError } from "../support/fake-service.ts";
import { plainSubject } from "../support/fake-subject.ts";
import { behaving, type Mutant, mutant, remembering } from "./mutant.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const sorted = (call: KekCall): [string, string][] => Object.entries(call.encryptionContext).sort(([a], [b]) => (a < b ? -1 : 1));
/** Binds what `text` makes of the sorted pairs. */
const binds = (name: string, by: string, text: (pairs: [string, string][]) => unknown): Mutant =>
  behaving(name, by, () => ({ binding: (call) => utf8(JSON.stringify(text(sorted(call)))) }));

export const contextMutants: readonly Mutant[] = [
  behaving("ignores the context", "context-changed", () => ({ binding: () => new Uint8Array(0) })),
  behaving("binds the context although it says that it does not", "context-missing", () => ({ bindsContext: false })),
  binds("binds the first pair only", "context-missing", (pairs) => [pairs[0], pairs.find(([key]) => key === "letterlock")]),
  binds("binds the pairs that it knows only", "context-extra", (pairs) => pairs.filter(([key]) => key !== "table")),
  binds("binds the names of the pairs only", "context-changed", (pairs) => pairs.map(([key]) => key)),
  binds("binds the values of the pairs only", "context-renamed", (pairs) => pairs.map(([, value]) => value)),
  binds("binds the context without regard to case", "context-changed", (pairs) => pairs.map((pair) => pair.join("=").toLowerCase())),
  binds("trims the values", "context-changed", (pairs) => pairs.map(([key, value]) => [key, value.trim()])),
  binds("joins the pairs without telling where they end", "context-moved-boundary", (pairs) => pairs.flat().join("")),
  binds("joins the pairs with signs that may stand in them", "context-moved-boundary", (pairs) =>
    pairs.map((pair) => pair.join("=")).join(","),
  ),
  behaving("binds the pairs in the order in which they come", "context-reordered", () => ({
    binding: (call) => utf8(JSON.stringify(call.encryptionContext)),
  })),
  binds("drops what is outside the basic plane", "context-non-bmp", (pairs) =>
    pairs.map((pair) => pair.map((text) => text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, ""))),
  ),
  binds("replaces what is outside the basic plane", "context-non-bmp", (pairs) =>
    pairs.map((pair) => pair.map((text) => text.replaceAll(/[\u{10000}-\u{10ffff}]/gu, "\ufffd"))),
  ),
  binds("drops pairs with an empty value", "context-empty-value", (pairs) => pairs.filter(([, value]) => value !== "")),
  behaving("loses keys that objects treat specially", "context-odd-keys", () => ({
    binding: (call) => {
      const pairs: Record<string, string> = {};
      for (const [key, value] of sorted(call)) pairs[key] = value;
      return utf8(JSON.stringify(pairs));
    },
  })),
  binds("cuts values at a zero character", "context-control-characters", (pairs) =>
    pairs.map(([key, value]) => [key, value.split("\0")[0]]),
  ),
  binds("drops byte order marks", "context-control-characters", (pairs) =>
    pairs.map((pair) => pair.map((text) => text.replaceAll("\ufeff", ""))),
  ),
  behaving("binds the first 4000 bytes only", "context-largest", () => ({ binding: (call) => call.associatedData.subarray(0, 4000) })),
  binds("forgets the suite and the usage", "context-suite-usage", (pairs) => pairs.filter(([key]) => key !== "letterlock")),
  behaving("refuses empty values with a code of its own", "context-empty-value", () => ({
    binding: (call) => {
      if (Object.values(call.encryptionContext).includes("")) throw new FakeServiceError(403, "empty value");
      return call.associatedData;
    },
  })),
  behaving("takes what was wrapped without a context for any", "context-extra-to-none", () => {
    const none = new Uint8Array(0);
    return {
      binding: (call) => (Object.keys(call.encryptionContext).length === 1 ? none : call.associatedData),
      send: withFallback(none),
    };
  }),
  behaving("does not bind what it generates", "generate-binds-context", () => {
    const none = new Uint8Array(0);
    const fallback = withFallback(none);
    return {
      send: (client, key, item, signal) => fallback(client, key, item.operation === "generate" ? { ...item, binding: none } : item, signal),
    };
  }),
  remembering(
    "rewraps for whatever context it is asked for",
    "rewrap-binds-context",
    () => new Map<string, KekCall>(),
    (kek, calls) => ({
      wrap: async (dataKey, call) => {
        const made = await kek.wrap(dataKey, call);
        calls.set(Buffer.from(made.wrapped).toString("hex"), call);
        return made;
      },
      rewrap: async (recipient, call) => {
        const dataKey = await kek.unwrap(recipient, calls.get(Buffer.from(recipient.wrapped).toString("hex")) ?? call);
        return kek.wrap(dataKey, call);
      },
    }),
  ),
  {
    name: "says that it binds nothing, and masks the data key with the context",
    by: "context-missing",
    subject: () => plainSubject(masking),
  },
  unbound("says that it binds nothing, and masks what it generates", "generate-binds-context", (kek) => ({
    generate: async (call) => {
      const dataKey = crypto.getRandomValues(new Uint8Array(32));
      return { ...(await masking(kek).wrap(dataKey, call)), dataKey };
    },
    unwrap: masking(kek).unwrap,
    wrap: masking(kek).wrap,
  })),
  unbound("says that it binds nothing, and rewraps for one context only", "rewrap-binds-context", (kek) => ({
    rewrap: async (recipient, call) => masking(kek).wrap(await kek.unwrap(recipient, call), call),
  })),
  unbound("says that it binds nothing, and refuses to rewrap for another context", "rewrap-binds-context", (kek) => ({
    rewrap: async (recipient, call) => {
      if (call.encryptionContext.tenant !== "acme") throw new FakeServiceError(400, "another context");
      return kek.wrap(await kek.unwrap(recipient, call), call);
    },
  })),
];

/** Tries another binding where the first one does not fit. */
function withFallback(binding: Uint8Array): typeof soundBehaviour.send {
  return async (client, key, item, signal) => {
    try {
      return await soundBehaviour.send(client, key, item, signal);
    } catch (error) {
      if (item.operation !== "decrypt") throw error;
      return soundBehaviour.send(client, key, { ...item, binding }, signal);
    }
  };
}

function unbound(name: string, by: string, change: (kek: Kek) => Partial<Kek>): Mutant {
  return mutant(name, by, () => ({
    behaviour: { ...soundBehaviour, bindsContext: false, binding: () => new Uint8Array(0) },
    finish: (kek) => ({ ...kek, ...change(kek) }),
  }));
}

/** What it wraps for one context comes out as another data key for another. */
function masking(kek: Kek): Kek {
  const masked = (bytes: Uint8Array, { associatedData }: KekCall): Uint8Array => {
    const mask = createHash("sha512").update(associatedData).digest();
    return bytes.map((byte, index) => byte ^ (mask[index] ?? 0));
  };
  return {
    ...kek,
    wrap: (dataKey, call) => kek.wrap(masked(dataKey, call), call),
    unwrap: async (recipient, call) => masked(await kek.unwrap(recipient, call), call),
  };
}
