import type { Kek, KekCall, KekErrorCode, Recipient, Wrapped } from "@letterlock/core";
import { type FakeAnswer, type FakeClient, type FakeItem, FakeServiceError } from "./fake-service.ts";

/** What a KEK of the fake service does in one place, so that a mutant changes one of them. */
export interface Behaviour {
  readonly bindsContext: boolean;
  readonly authenticatesWrap: boolean;
  /** What the ciphertext is bound to. */
  binding(call: KekCall): Uint8Array;
  /** The key that a request names. */
  askedKey(configured: string, recipient: Recipient | undefined): string | undefined;
  /** Throws when another key answered. */
  check(configured: string, answer: FakeAnswer, operation: FakeItem["operation"]): void;
  errorCode(error: unknown): KekErrorCode;
  retryAfterMs(error: unknown): number | undefined;
  owns(configured: string, recipient: Recipient): boolean;
  /** The signal that a request gets. */
  signal(call: { readonly signal: AbortSignal }): AbortSignal;
  /** Sends one request. */
  send(client: FakeClient, key: string | undefined, item: FakeItem, signal: AbortSignal): Promise<FakeAnswer>;
}

const codes: Readonly<Record<number, KekErrorCode>> = {
  400: "not-authentic",
  403: "access-denied",
  404: "kek-not-found",
  409: "kek-unusable",
  429: "throttled",
  503: "unavailable",
  504: "unavailable",
};

export const provider = "acme-fake";

/** The service guarantees that both names are one key. */
export function replicaOf(keyRef: string): string {
  return keyRef.replace(":", "@replica:");
}

export const soundBehaviour: Behaviour = {
  bindsContext: true,
  authenticatesWrap: true,
  binding: ({ associatedData }) => associatedData,
  askedKey: (configured) => configured,
  check: (configured, answer) => {
    if (answer.key !== configured) throw new Error("another key answered");
  },
  errorCode: (error) => (error instanceof FakeServiceError ? (codes[error.status] ?? "provider-error") : "provider-error"),
  retryAfterMs: (error) => {
    const seconds = error instanceof FakeServiceError ? error.retryAfterSeconds : undefined;
    return seconds === undefined ? undefined : seconds * 1000;
  },
  owns: (configured, recipient) =>
    recipient.provider === provider && (recipient.keyRef === configured || recipient.keyRef === replicaOf(configured)),
  signal: ({ signal }) => signal,
  send: async (client, key, item, signal) => first(await client.send(key, [item], signal)),
};

/** A KEK as an adapter writes it. Every optional member is there. */
export function fakeKek(client: FakeClient, keyRef: string, behaviour: Behaviour = soundBehaviour): Kek {
  const ask = async (item: Omit<FakeItem, "binding">, call: KekCall, recipient?: Recipient): Promise<FakeAnswer> => {
    const key = behaviour.askedKey(keyRef, recipient);
    const answer = await behaviour.send(client, key, { ...item, binding: behaviour.binding(call) }, behaviour.signal(call));
    behaviour.check(keyRef, answer, item.operation);
    return answer;
  };
  return {
    provider,
    keyRef,
    bindsContext: behaviour.bindsContext,
    authenticatesWrap: behaviour.authenticatesWrap,
    errorCode: (error) => behaviour.errorCode(error),
    retryAfterMs: (error) => behaviour.retryAfterMs(error),
    owns: (recipient) => behaviour.owns(keyRef, recipient),
    wrap: async (dataKey, call) => wrappedOf(await ask({ operation: "encrypt", bytes: Uint8Array.from(dataKey) }, call)),
    unwrap: async (recipient, call) => (await ask({ operation: "decrypt", bytes: recipient.wrapped }, call, recipient)).plaintext,
    generate: async (call) => {
      const answer = await ask({ operation: "generate" }, call);
      return { ...wrappedOf(answer), dataKey: answer.plaintext };
    },
    rewrap: async (recipient, call) => wrappedOf(await ask({ operation: "reencrypt", bytes: recipient.wrapped }, call, recipient)),
    currentVersion: async ({ signal }) => {
      const key = behaviour.askedKey(keyRef, undefined);
      const answer = await behaviour.send(client, key, { operation: "describe" }, behaviour.signal({ signal }));
      return answer.version;
    },
  };
}

function wrappedOf({ bytes, version }: FakeAnswer): Wrapped {
  return { wrapped: bytes, keyVersion: version };
}

export function first(answers: readonly (FakeAnswer | FakeServiceError)[]): FakeAnswer {
  const [answer] = answers;
  if (answer === undefined) throw new FakeServiceError(500, "no answer");
  if (answer instanceof FakeServiceError) throw answer;
  return answer;
}
