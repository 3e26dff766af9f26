import type { KekErrorCode } from "@letterlock/core";
import { VaultError } from "./vault-error.ts";

interface Words {
  readonly pattern: RegExp;
  readonly meaning: KekErrorCode;
  readonly advice?: string;
}

const foreign = "and not with errors of vault";

/** With any status: it has been a 500 (hashicorp/vault #10842), and of an RSA key it still is. */
const refusedCiphertext: Words = { pattern: /message authentication failed|failed to RSA decrypt/, meaning: "not-authentic" };

/** Texts before statuses below 500, and in the items of a batch. The first that fits decides. */
const words: readonly Words[] = [
  refusedCiphertext,
  {
    pattern: /version is too new/,
    meaning: "kek-not-found",
    advice: "the key has no such version here: it was restored from an older backup, or this is another cluster",
  },
  {
    pattern: /\(too old\)|no such key version|less than the minimum encryption key version/,
    meaning: "kek-unusable",
    advice: "min_decryption_version or a trim shuts this version out",
  },
  { pattern: /soft-deleted key/, meaning: "kek-unusable", advice: "restore the key with soft-delete-restore" },
  { pattern: /missing 'context' for key derivation/, meaning: "kek-unusable", advice: "the key is derived: set derived: true" },
  { pattern: /non-AEAD cipher suite|not supported for key type|derivation not supported/, meaning: "kek-unusable" },
  { pattern: /invalid ciphertext/, meaning: "not-authentic" },
  { pattern: /key not found|no existing key named|invalid key name/, meaning: "kek-not-found" },
  { pattern: /namespace not found|no handler for route|unsupported path/, meaning: "kek-not-found" },
  { pattern: /quota exceeded/, meaning: "throttled" },
  { pattern: /Vault is sealed/, meaning: "unavailable" },
  { pattern: /permission denied|invalid token|bad token|invalid role or secret ID/, meaning: "access-denied" },
];

/** An answer with a failing status, or, without one, an item of a batch that failed. `texts` are undefined where the answer is not of Vault. */
export function failureOf(path: string, texts: readonly string[] | undefined, status?: number, retryAfterMs?: number): VaultError {
  const text = texts?.join("; ") ?? "";
  const known = (status !== undefined && status >= 500 ? [refusedCiphertext] : words).find(({ pattern }) => pattern.test(text));
  const meaning = known?.meaning ?? statusMeaning(status, texts === undefined);
  const said = texts === undefined ? `status ${status} ${foreign}` : text === "" ? `status ${status}` : short(text);
  const advice = known?.advice === undefined ? "" : ` (${known.advice})`;
  // A wait is for what can be tried again.
  const wait = meaning === "throttled" || meaning === "unavailable" ? retryAfterMs : undefined;
  return new VaultError(meaning, `vault refused ${path}: ${said}${advice}`, { status, retryAfterMs: wait });
}

/** What `failureOf` made of an answer that is not of Vault. */
export function isForeign({ message }: VaultError): boolean {
  return message.endsWith(foreign);
}

/** A 404 of a gateway is about the gateway. 412: a replica that has not heard of a write; 472 and 473: a secondary that does not serve. */
function statusMeaning(status: number | undefined, ofGateway: boolean): KekErrorCode {
  if (status === 401 || status === 403) return "access-denied";
  if (status === 404) return ofGateway ? "provider-error" : "kek-not-found";
  if (status === 429) return "throttled";
  if (status !== undefined && (status >= 500 || [408, 412, 472, 473].includes(status))) return "unavailable";
  return "provider-error";
}

/** Vault does not quote what it was sent, but a gateway before it might: whatever is as long as a token or a key is cut. */
function short(text: string): string {
  return text
    .replaceAll(/\s+/g, " ")
    .trim()
    .replaceAll(/[\w+/=.-]{24,}/g, "...")
    .slice(0, 300);
}
