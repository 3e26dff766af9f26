import { Buffer } from "node:buffer";
import { createSecretKey, type KeyObject, randomFillSync, scrypt } from "node:crypto";
import { promisify } from "node:util";
import { concat, secretBytes } from "./bytes.ts";
import { derive, equalInConstantTime, keyBytes, label } from "./derive.ts";
import type { Kek, Recipient } from "./kek.ts";
import { ownErrorCode, requireName } from "./local-kek.ts";
import { checkOptions } from "./options.ts";
import { notAuthentic, requireLength, unwrapWithSecret, wrappedBytes, wrapWithSecret } from "./secret-wrap.ts";

// SPEC 6.4: wrapped = logN || s[16] || v[32] || W(72).
const minLogN = 15;
const maxLogN = 18;
/** OWASP Password Storage Cheat Sheet: scrypt with N = 2^17, r = 8, p = 1. 128 MiB and about 0.4 s. */
const defaultLogN = 17;
const saltBytes = 16;
const checkBytes = 32;
const length = 1 + saltBytes + checkBytes + wrappedBytes;
const saltPrefix = label("letterlock/1 scrypt");
const checkLabel = label("letterlock/1 pass");
const scryptAsync = promisify<Uint8Array, Uint8Array, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/**
 * A KEK derived from a passphrase, for development and small backups: whoever has the header can guess offline. `logN` (15 to 18, default 17) is the cost
 * of wrapping: 128 x 8 x 2^logN bytes of memory. A header that asks for more than `maxLogN` (default 18) is refused as "not-authentic" before any work.
 * The passphrase is normalised to NFC. Its bytes are held in a KeyObject; the string is the caller's and stays in memory as long as he keeps it.
 */
export function passphraseKek(options: {
  readonly name: string;
  readonly passphrase: string;
  readonly logN?: number | undefined;
  readonly maxLogN?: number | undefined;
}): Kek {
  checkOptions(options, ["name", "passphrase", "logN", "maxLogN"]);
  requireName(options.name);
  const passphrase = readPassphrase(options.passphrase);
  const keyRef = options.name;
  const allowed = readLogN("maxLogN", options.maxLogN === undefined ? maxLogN : options.maxLogN);
  const logN = readLogN("logN", options.logN === undefined ? Math.min(defaultLogN, allowed) : options.logN);
  if (logN > allowed) throw new RangeError("logN is above maxLogN: this KEK could not open what it seals");
  return Object.freeze({
    provider: "passphrase",
    keyRef,
    bindsContext: true,
    authenticatesWrap: true,
    errorCode: ownErrorCode,
    owns: (recipient: Recipient) => recipient.provider === "passphrase" && recipient.keyRef === keyRef,
    wrap: async (dataKey, call) => {
      const salt = randomFillSync(new Uint8Array(saltBytes));
      const secret = await stretch(passphrase, salt, logN);
      return { wrapped: concat([Uint8Array.of(logN), salt, check(secret), wrapWithSecret(secret, dataKey, call)]) };
    },
    unwrap: async ({ wrapped }, call) => {
      requireLength(wrapped, length);
      const cost = wrapped[0] as number;
      if (cost < minLogN || cost > allowed) throw notAuthentic();
      const secret = await stretch(passphrase, wrapped.subarray(1, 1 + saltBytes), cost);
      if (!equalInConstantTime(check(secret), wrapped.subarray(1 + saltBytes, 1 + saltBytes + checkBytes))) throw notAuthentic();
      return unwrapWithSecret(secret, wrapped.subarray(1 + saltBytes + checkBytes), call);
    },
  } satisfies Kek);
}

/** v of SPEC section 4. */
function check(secret: KeyObject): Uint8Array {
  return derive(secret, checkLabel, []).subarray(0, checkBytes);
}

async function stretch(passphrase: KeyObject, salt: Uint8Array, logN: number): Promise<KeyObject> {
  const bytes = passphrase.export();
  const N = 2 ** logN;
  try {
    const secret = await scryptAsync(bytes, concat([saltPrefix, salt]), keyBytes, { N, r: 8, p: 1, maxmem: 128 * 8 * (N + 64) });
    const key = createSecretKey(secret);
    secret.fill(0);
    return key;
  } finally {
    bytes.fill(0);
  }
}

function readPassphrase(passphrase: unknown): KeyObject {
  if (typeof passphrase !== "string") throw new TypeError("passphrase must be a string");
  if (passphrase === "") throw new TypeError("passphrase is empty");
  if (!passphrase.isWellFormed()) throw new TypeError("passphrase must be well-formed Unicode (it has a lone surrogate)");
  const text = passphrase.normalize("NFC");
  const bytes = Buffer.from(secretBytes(Buffer.byteLength(text)).buffer);
  bytes.write(text);
  const key = createSecretKey(bytes);
  bytes.fill(0);
  return key;
}

function readLogN(name: string, value: number): number {
  if (!Number.isInteger(value) || value < minLogN || value > maxLogN)
    throw new RangeError(`${name} must be a whole number from ${minLogN} to ${maxLogN}`);
  return value;
}
