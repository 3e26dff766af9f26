import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { KekRequest } from "../../src/index.ts";

/** What the fake service answers an error with. `status` is all that a KEK may look at. */
export class FakeServiceError extends Error {
  readonly status: number;
  readonly retryAfterSeconds: number | undefined;
  constructor(status: number, message: string, retryAfterSeconds?: number) {
    super(message);
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface FakeItem {
  readonly operation: "encrypt" | "decrypt" | "generate" | "reencrypt" | "describe";
  readonly bytes?: Uint8Array | undefined;
  /** What the ciphertext is bound to. */
  readonly binding?: Uint8Array | undefined;
}

export interface FakeAnswer {
  readonly key: string;
  readonly version: string;
  readonly bytes: Uint8Array;
  readonly plaintext: Uint8Array;
}

export type FakeFault = { readonly status: number } | "hang" | "time-out" | "wrong-key";

/** One connection to the service, with the fault that all its requests meet. */
export interface FakeClient {
  send(key: string | undefined, items: readonly FakeItem[], signal: AbortSignal): Promise<readonly (FakeAnswer | FakeServiceError)[]>;
}

export interface FakeService {
  client(fault?: FakeFault): FakeClient;
  rotate(key: string): void;
  disable(key: string): void;
  enable(key: string): void;
  takeRequests(): readonly KekRequest[];
  /** The same ciphertext as "encrypt" makes, without asking the service: as if the key had a public half. */
  publicEncrypt(key: string, plaintext: Uint8Array, binding?: Uint8Array): { readonly bytes: Uint8Array; readonly version: string };
}

interface FakeKey {
  readonly versions: Buffer[];
  enabled: boolean;
}

/** How late rotating, disabling and enabling take effect. */
const lagMs = 15;

/** A key service in this process. A ciphertext is: version, nonce, AES-256-GCM. It protects nothing. */
export function fakeService(names: readonly string[]): FakeService {
  const keys = new Map(names.map((name): [string, FakeKey] => [name, { versions: [randomBytes(32)], enabled: true }]));
  let log: KekRequest[] = [];
  const keyNamed = (name: string): FakeKey => {
    const key = keys.get(name);
    if (key === undefined) throw new FakeServiceError(404, "no such key");
    return key;
  };
  const setEnabled = (name: string, enabled: boolean): void => {
    keyNamed(name).enabled = enabled;
  };
  const later = (change: () => void): void => void setTimeout(change, lagMs).unref();

  const seal = (key: FakeKey, plaintext: Uint8Array, binding: Uint8Array): { bytes: Uint8Array; version: string } => {
    const version = key.versions.length;
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", key.versions[version - 1] as Buffer, nonce).setAAD(binding);
    const bytes = Buffer.concat([Buffer.of(version), nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
    return { bytes: Uint8Array.from(bytes), version: String(version) };
  };
  const unseal = (key: FakeKey, bytes: Uint8Array, binding: Uint8Array): Uint8Array => {
    if (!key.enabled) throw new FakeServiceError(409, "the key is disabled");
    const secret = bytes.length < 29 ? undefined : key.versions[(bytes[0] ?? 0) - 1];
    if (secret === undefined) throw new FakeServiceError(400, "no ciphertext of this key");
    const decipher = createDecipheriv("aes-256-gcm", secret, bytes.subarray(1, 13)).setAAD(binding).setAuthTag(bytes.subarray(-16));
    try {
      return Uint8Array.from(Buffer.concat([decipher.update(bytes.subarray(13, -16)), decipher.final()]));
    } catch {
      throw new FakeServiceError(400, "the ciphertext does not verify");
    }
  };
  const perform = (name: string, { operation, bytes = new Uint8Array(0), binding = new Uint8Array(0) }: FakeItem): FakeAnswer => {
    const key = keyNamed(name);
    const none = new Uint8Array(0);
    const version = String(key.versions.length);
    if (operation === "describe") return { key: name, version, bytes: none, plaintext: none };
    if (!key.enabled) throw new FakeServiceError(409, "the key is disabled");
    if (operation === "decrypt") return { key: name, version, bytes: none, plaintext: unseal(key, bytes, binding) };
    if (operation === "reencrypt") return { key: name, plaintext: none, ...seal(key, unseal(key, bytes, binding), binding) };
    const plaintext = operation === "generate" ? Uint8Array.from(randomBytes(32)) : Uint8Array.from(bytes);
    return { key: name, ...seal(key, plaintext, binding), plaintext: operation === "generate" ? plaintext : none };
  };

  /** A service that finds the key of a ciphertext by itself, for requests that name none. */
  const anyKey = (item: FakeItem): FakeAnswer => {
    for (const name of item.operation === "decrypt" ? names : []) {
      try {
        return perform(name, item);
      } catch (error) {
        if (!(error instanceof FakeServiceError) || error.status !== 400) throw error;
      }
    }
    throw new FakeServiceError(400, "no key named");
  };

  return {
    client: (fault) => ({
      async send(key, items, signal) {
        signal.throwIfAborted();
        log.push({ operation: items[0]?.operation ?? "nothing", key });
        if (fault === "hang") return until(signal);
        if (fault === "time-out") throw await delay(20, new FakeServiceError(504, "the client gave up"), { signal });
        await delay(1, undefined, { signal });
        if (typeof fault === "object") {
          // As real clients do, the error shows what was asked, but not what was sent.
          throw new FakeServiceError(fault.status, `the service answers ${fault.status}`, fault.status === 429 ? 2 : undefined);
        }
        const other = names.find((name) => name !== key) ?? "";
        return items.map((item) => {
          try {
            const answer = key === undefined ? anyKey(item) : perform(key, item);
            return fault === "wrong-key" ? { ...answer, key: other } : answer;
          } catch (error) {
            if (error instanceof FakeServiceError) return error;
            throw error;
          }
        });
      },
    }),
    rotate: (name) => later(() => void keyNamed(name).versions.push(randomBytes(32))),
    disable: (name) => later(() => setEnabled(name, false)),
    enable: (name) => later(() => setEnabled(name, true)),
    takeRequests() {
      const taken = log;
      log = [];
      return taken;
    },
    publicEncrypt: (name, plaintext, binding = new Uint8Array(0)) => seal(keyNamed(name), plaintext, binding),
  };
}

function until(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  return promise;
}
