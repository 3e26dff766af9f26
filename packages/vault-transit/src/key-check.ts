import { isForeign } from "./failure-meaning.ts";
import type { Fields } from "./foreign-fields.ts";
import type { VaultKeyTarget } from "./options.ts";
import { requireData, type Transport } from "./transport.ts";
import { VaultError } from "./vault-error.ts";

/** What the policy of a token let be known about a key. */
export interface VaultKeyCheck {
  /**
   * "read": `keys/NAME` was read. "probed": reading it is forbidden, and the answer to a decryption that cannot succeed told that the key exists and whether it is derived, but not
   * whether it is convergent. "unknown": nothing was learned; then a policy without "create" is all that keeps a mistyped name from becoming a key. A KEK looks again a minute later.
   */
  readonly known: "read" | "probed" | "unknown";
  /** Undefined where it is not known. */
  readonly derived: boolean | undefined;
  /** What wrap would use now. Undefined where it is not known. */
  readonly currentVersion: string | undefined;
}

/** The types whose ciphertext is authenticated. */
const aeadTypes: readonly unknown[] = ["aes256-gcm96", "aes128-gcm96", "chacha20-poly1305", "xchacha20-poly1305"];

const wrongType = "is no key for authenticated encryption: use one of type aes256-gcm96";

/** Too short for any key to open, and asked for without a context: what is wrong with it tells which key it would have been for. */
const unopenable = { ciphertext: "vault:v1:AAAA" };

/** A policy that lets nothing be known may be mended, or have been that of another token. */
const unknownKeptMs = 60_000;

/** How long what was found is good for. */
export function keptMs({ known }: VaultKeyCheck): number {
  return known === "unknown" ? unknownKeptMs : Number.POSITIVE_INFINITY;
}

/** Rejects where the key is not there, or not the one that is configured. Encrypts nothing, so it makes no key. */
export async function examineKey(transport: Transport, target: VaultKeyTarget, signal: AbortSignal): Promise<VaultKeyCheck> {
  const outcome = await transport.read(target.readPath, signal);
  if ("error" in outcome && isForbidden(outcome.error)) return probeKey(transport, target, signal);
  const currentVersion = versionOfKey(requireData(outcome), target);
  return { known: "read", derived: target.derived, currentVersion };
}

/** The version that wrap uses, of what `keys/NAME` says: the latest, which min_encryption_version never exceeds. */
export function versionOfKey(key: Fields, { keyName, derived, keyRef }: VaultKeyTarget): string {
  const { name, type, latest_version: latest } = key;
  if (name !== keyName) throw new VaultError("provider-error", `vault answered for another key than ${keyRef}`);
  if (!Number.isSafeInteger(latest)) throw new VaultError("provider-error", `vault does not tell the version of ${keyRef}`);
  if (!aeadTypes.includes(type)) throw unusable(`${keyRef} ${wrongType}`);
  requireDerived(derived, key.derived === true, keyRef);
  if (key.convergent_encryption === true) throw unusable(`${keyRef} is convergent: use a key that is not`);
  return String(latest);
}

async function probeKey(transport: Transport, target: VaultKeyTarget, signal: AbortSignal): Promise<VaultKeyCheck> {
  const outcome = await transport.write(target.decryptPath, unopenable, signal);
  const unknown: VaultKeyCheck = { known: "unknown", derived: undefined, currentVersion: undefined };
  if (!("error" in outcome)) throw new VaultError("provider-error", `vault opened for ${target.keyRef} what no key can open`);
  if (isForbidden(outcome.error)) return unknown;
  const { status, message } = outcome.error;
  if (/failed to RSA decrypt|not supported for key type/.test(message)) throw unusable(`${target.keyRef} ${wrongType}`);
  if (/missing 'context'/.test(message)) requireDerived(target.derived, true, target.keyRef);
  else if (/invalid ciphertext length/.test(message)) requireDerived(target.derived, false, target.keyRef);
  else if (status !== 400 || isForeign(outcome.error) || /not found|soft-deleted/.test(message)) throw outcome.error;
  else return unknown;
  return { known: "probed", derived: target.derived, currentVersion: undefined };
}

function requireDerived(configured: boolean, actual: boolean, keyRef: string): void {
  if (configured === actual) return;
  throw unusable(
    actual
      ? `${keyRef} is derived: configure it with derived: true`
      : `${keyRef} is not derived and would ignore the context: configure it without derived`,
  );
}

/** The policy says no. A token that is not accepted at all has the text without this wrapping, or with another one; and a 403 of a gateway says nothing about the policy. */
function isForbidden({ status, message }: VaultError): boolean {
  return status === 403 && /: \d+ errors? occurred: .*\* permission denied/.test(message) && !/invalid token|bad token/.test(message);
}

function unusable(message: string): VaultError {
  return new VaultError("kek-unusable", message);
}
