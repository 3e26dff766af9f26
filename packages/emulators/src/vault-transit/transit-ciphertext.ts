import { constants, createHmac, type KeyObject, privateDecrypt, publicEncrypt, randomBytes } from "node:crypto";
import { nonceBytes, openAead, sealAead, tagBytes } from "./aead.ts";
import { decodeBase64, requireBase64 } from "./base64.ts";
import { oneError, Refusal } from "./refusal.ts";
import { keyType, type TransitKey } from "./transit-key.ts";

/** What beside the text itself decides: as the request spells them, in base64. */
export interface Binding {
  readonly context: string | undefined;
  readonly associatedData: string | undefined;
}

export const missingContext =
  "missing 'context' for key derivation; the key was created using a derived key, which means additional, per-request information must be included in order to perform operations with the key";

export function encryptVersion(key: TransitKey, requested: number): number {
  if (requested === 0) return key.latest;
  if (requested < 0) throw new Refusal(400, "requested version for encryption is negative");
  if (requested > key.latest) throw new Refusal(400, "requested version for encryption is higher than the latest key version");
  if (requested < key.minEncryption)
    throw new Refusal(400, "requested version for encryption is less than the minimum encryption key version");
  if (requested < key.minDecryption) throw new Refusal(400, "no such key version");
  return requested;
}

export function encryptText(key: TransitKey, version: number, plaintext: Uint8Array, binding: Binding): string {
  const body = encryptBytes(key, version, plaintext, binding);
  return `vault:v${version}:${body.toString("base64")}`;
}

/** Takes the several spellings of a ciphertext that the server takes: v0 and v01 for v1, and loose base64. */
export function decryptText(key: TransitKey, ciphertext: string, binding: Binding): Buffer {
  const [version, body] = readCiphertext(key, ciphertext);
  const { kind } = keyType(key.type);
  const raw = decodeBase64(body);
  if ("illegalAt" in raw) throw new Refusal(400, "invalid ciphertext: could not decode base64");
  if (kind === "signing") throw new Refusal(400, `message decryption not supported for key type ${key.type}`);
  if (kind === "rsa") return decryptRsa(material(key, version), raw);
  const secret = derivedSecret(key, version, binding.context);
  const data = associatedData(binding);
  const nonceLength = nonceBytes(key.type);
  if (raw.length < nonceLength) throw new Refusal(400, "invalid ciphertext length");
  const opened = raw.length < nonceLength + tagBytes ? undefined : openAead(key.type, secret, raw, data);
  if (opened === undefined) {
    throw new Refusal(400, `${key.type.startsWith("aes") ? "cipher" : "chacha20poly1305"}: message authentication failed`);
  }
  return opened;
}

function readCiphertext(key: TransitKey, ciphertext: string): readonly [version: number, body: string] {
  if (!ciphertext.startsWith("vault:v")) throw new Refusal(400, "invalid ciphertext: no prefix");
  const [, written, body] = /^([^:]*):([\s\S]*)$/.exec(ciphertext.slice("vault:v".length)) ?? [];
  if (written === undefined || body === undefined) throw new Refusal(400, "invalid ciphertext: wrong number of fields");
  const parsed = /^[+-]?\d+$/.test(written) ? Number(written) : Number.NaN;
  if (!Number.isSafeInteger(parsed)) throw new Refusal(400, "invalid ciphertext: version number could not be decoded");
  const version = parsed === 0 ? 1 : parsed;
  if (version > key.latest) throw new Refusal(400, "invalid ciphertext: version is too new");
  if (version < key.minDecryption) throw new Refusal(400, "ciphertext or signature version is disallowed by policy (too old)");
  return [version, body];
}

function encryptBytes(key: TransitKey, version: number, plaintext: Uint8Array, binding: Binding): Buffer {
  const { kind } = keyType(key.type);
  if (kind === "signing") throw new Refusal(400, `message encryption not supported for key type ${key.type}`);
  if (kind === "rsa") return encryptRsa(material(key, version), plaintext);
  const secret = derivedSecret(key, version, binding.context);
  const length = nonceBytes(key.type);
  const nonce = key.convergent ? createHmac("sha256", secret).update(plaintext).digest().subarray(0, length) : randomBytes(length);
  return sealAead(key.type, secret, nonce, plaintext, associatedData(binding));
}

/** A quirk of the server: base64 of associated_data that cannot be read is its own fault, a 500. */
function associatedData({ associatedData: text }: Binding): Buffer | undefined {
  if (text === undefined || text === "") return undefined;
  const decoded = decodeBase64(text);
  if (!("illegalAt" in decoded)) return decoded;
  throw new InternalRefusal(
    `unable to get associated_data/additional_data from factory[0]: illegal base64 data at input byte ${decoded.illegalAt}`,
  );
}

/** A 500: wrapped on its own, bare in an item of a batch. */
export class InternalRefusal extends Refusal {
  readonly bare: string;

  constructor(bare: string) {
    super(500, oneError(bare));
    this.bare = bare;
  }
}

function material(key: TransitKey, version: number): KeyObject {
  const found = key.versions.get(version);
  if (found === undefined) throw new Refusal(400, "no such key version");
  return found.material;
}

function derivedSecret(key: TransitKey, version: number, context: string | undefined): Buffer {
  const secret = material(key, version).export();
  if (!key.derived) return secret;
  if (context === undefined || context === "") throw new Refusal(400, missingContext);
  return hkdf(secret, requireBase64(context));
}

/** RFC 5869 with SHA-256, no salt, and a key of at most one block. Node's own takes no more than 1,024 bytes of info. */
function hkdf(secret: Buffer, info: Buffer): Buffer {
  const extracted = createHmac("sha256", Buffer.alloc(32)).update(secret).digest();
  return createHmac("sha256", extracted).update(info).update(Uint8Array.of(1)).digest().subarray(0, secret.length);
}

function encryptRsa(privateKey: KeyObject, plaintext: Uint8Array): Buffer {
  const key = { key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" };
  try {
    return publicEncrypt(key, plaintext);
  } catch {
    throw new InternalRefusal("failed to RSA encrypt the plaintext: crypto/rsa: message too long for RSA key size");
  }
}

function decryptRsa(privateKey: KeyObject, ciphertext: Buffer): Buffer {
  try {
    return privateDecrypt({ key: privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256" }, ciphertext);
  } catch {
    throw new InternalRefusal("failed to RSA decrypt the ciphertext: crypto/rsa: decryption error");
  }
}
