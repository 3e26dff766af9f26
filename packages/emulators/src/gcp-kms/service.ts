import type { FaultKind } from "../server/faults.ts";
import type { ServiceRequest } from "../server/request-log.ts";
import { type CryptoRequests, cryptoOperations } from "./crypto-operations.ts";
import { type Damage, damageAnswer, damageRequest, type Message, renameKey, shorten } from "./damage.ts";
import { type KeyRequests, keyOperations } from "./key-operations.ts";
import type { KeyStore } from "./key-store.ts";
import type { Policy } from "./policy.ts";
import { methods } from "./protocol.ts";
import { parseName } from "./resource-name.ts";
import { errorInfo, help, Refusal, retryInfo } from "./status.ts";

type Requests = KeyRequests & CryptoRequests;
export type Operation = keyof Requests;

export const operations: readonly Operation[] = Object.keys(methods) as Operation[];

/** What the service does, whatever carries it. */
export interface Service {
  understand(operation: string, request: Message, credential: string | undefined): Omit<ServiceRequest, "fault">;
  /** Throws a Refusal. */
  answer(understood: Omit<ServiceRequest, "fault">, request: Message): Message;
  refuse(as: "throttled" | "unavailable"): Refusal;
  distort(as: FaultKind, answer: Message): Message;
  damageNext(operation: Operation, damage: Damage): void;
  /** RetryInfo in every throttled answer; undefined for none. */
  askToWait(ms: number | undefined): void;
}

export function createService(store: KeyStore, policy: Policy): Service {
  const handlers: { readonly [O in Operation]: (request: Requests[O]) => object } = { ...keyOperations(store), ...cryptoOperations(store) };
  const damages: { readonly operation: string; readonly damage: Damage }[] = [];
  let waitMs: number | undefined;
  return {
    understand(operation, request, credential) {
      return { operation, key: keyOf(request), credential };
    },
    answer(understood, request) {
      policy.check(understood);
      const handler = handlers[understood.operation as Operation] as (request: Message) => Message;
      const at = damages.findIndex(({ operation }) => operation === understood.operation);
      const damage = at < 0 ? undefined : damages.splice(at, 1)[0]?.damage;
      return damageAnswer(damage, handler(damageRequest(damage, request)));
    },
    refuse(as) {
      if (as === "unavailable") return new Refusal("UNAVAILABLE", "The service is currently unavailable.");
      return new Refusal("RESOURCE_EXHAUSTED", quotaText, [
        errorInfo("RATE_LIMIT_EXCEEDED", "googleapis.com", quotaMetadata),
        help("Request a higher quota limit.", "https://cloud.google.com/docs/quota#requesting_higher_quota"),
        ...(waitMs === undefined ? [] : [retryInfo(waitMs)]),
      ]);
    },
    distort(as, answer) {
      if (as === "wrong-key") return renameKey(answer);
      return as === "wrong-length" ? shorten(answer) : answer;
    },
    damageNext(operation, damage) {
      damages.push({ operation, damage });
    },
    askToWait(ms) {
      waitMs = ms;
    },
  };
}

/** The CryptoKey that a request names, wherever it names it. */
function keyOf({ name, parent, cryptoKey, cryptoKeyVersion }: Message): string | undefined {
  for (const text of [name, parent, nameIn(cryptoKey), nameIn(cryptoKeyVersion)]) {
    const key = typeof text === "string" ? parseName(text)?.key : undefined;
    if (key !== undefined) return key;
  }
  return undefined;
}

function nameIn(value: unknown): unknown {
  return typeof value === "object" && value !== null ? (value as Message).name : undefined;
}

const quotaText =
  "Quota exceeded for quota metric 'Cryptographic requests' and limit 'Cryptographic requests per minute' of service 'cloudkms.googleapis.com' for consumer 'project_number:0'.";

const quotaMetadata = {
  consumer: "projects/0",
  quota_limit: "CryptoRequestsPerMinutePerProject",
  quota_limit_value: "60000",
  quota_location: "global",
  quota_metric: "cloudkms.googleapis.com/crypto_requests",
  service: "cloudkms.googleapis.com",
};
