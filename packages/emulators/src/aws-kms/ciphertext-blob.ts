import { Buffer } from "node:buffer";
import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import type { KeyMaterial } from "./kms-key.ts";

// A blob looks like those of the service: 01 02 02 00 78, 32 bytes that say which key material, 01, 16 bytes, u32 length, and a PKCS #7 EncryptedData
// (RFC 5652 section 8) of AES-256-GCM. What the 16 bytes are in a real one is not published;
// here they are random.

const magic = Buffer.from("0102020078", "hex");
const materialEnd = magic.length + 32;
const headEnd = materialEnd + 1 + 16;
const nonceBytes = 12;
const tagBytes = 16;
/** How much longer than the plaintext is what the service seals: a recorded blob of 21 bytes has 48 in it, with the tag. */
const frontBytes = 11;
const encryptedData = Buffer.from("06092a864886f70d010706", "hex");
const data = Buffer.from("06092a864886f70d010701", "hex");
const aes256Gcm = Buffer.from("060960864801650304012e", "hex");

export function sealBlob(plaintext: Uint8Array, material: KeyMaterial, context: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const head = Buffer.concat([magic, Buffer.from(material.id, "hex"), Buffer.from([1]), randomBytes(headEnd - materialEnd - 1)]);
  const cipher = createCipheriv("aes-256-gcm", material.secret, nonce).setAAD(Buffer.concat([head, context]));
  const sealed = Buffer.concat([cipher.update(Buffer.alloc(frontBytes)), cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return frame(head, nonce, sealed);
}

/** The id of the key material that a blob names; undefined where it is too short for one. */
export function materialIdIn(blob: Buffer): string | undefined {
  return blob.length < headEnd ? undefined : blob.toString("hex", magic.length, materialEnd);
}

/** Undefined where anything differs: a byte of the blob, the context, the material. */
export function openBlob(blob: Buffer, material: KeyMaterial, context: Uint8Array): Buffer | undefined {
  const parts = unframe(blob);
  if (parts === undefined) return undefined;
  const { head, nonce, sealed } = parts;
  const decipher = createDecipheriv("aes-256-gcm", material.secret, nonce)
    .setAAD(Buffer.concat([head, context]))
    .setAuthTag(sealed.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]).subarray(frontBytes);
  } catch {
    return undefined;
  }
}

function frame(head: Buffer, nonce: Buffer, sealed: Buffer): Buffer {
  const parameters = der(0x30, der(0x04, nonce), Buffer.from("020110", "hex"));
  const content = der(0x30, data, der(0x30, aes256Gcm, parameters), der(0x80, sealed));
  const body = der(0x30, encryptedData, der(0xa0, der(0x30, Buffer.from("020100", "hex"), content)));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(body.length);
  return Buffer.concat([head, length, body]);
}

/** Only what `frame` makes: the parts are taken from where they must stand, and framed again. */
function unframe(blob: Buffer): { head: Buffer; nonce: Buffer; sealed: Buffer } | undefined {
  const head = blob.subarray(0, headEnd);
  const start = sealedStart(blob.length);
  if (start === undefined) return undefined;
  const sealed = blob.subarray(start);
  // 02 01 10 80 and a length stand between the nonce and what was sealed.
  const nonceEnd = start - 3 - tagAndLength(0x80, sealed.length).length;
  const nonce = blob.subarray(nonceEnd - nonceBytes, nonceEnd);
  return frame(head, nonce, sealed).equals(blob) ? { head, nonce, sealed } : undefined;
}

function sealedStart(blobBytes: number): number | undefined {
  for (let sealed = blobBytes; sealed >= tagBytes; sealed -= 1) {
    const content = derBytes(data.length + derBytes(aes256Gcm.length + derBytes(derBytes(nonceBytes) + 3)) + derBytes(sealed));
    const framed = headEnd + 4 + derBytes(encryptedData.length + derBytes(derBytes(3 + content)));
    if (framed <= blobBytes) return framed === blobBytes ? blobBytes - sealed : undefined;
  }
  return undefined;
}

function derBytes(content: number): number {
  return content + tagAndLength(0, content).length;
}

function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([tagAndLength(tag, content.length), content]);
}

function tagAndLength(tag: number, length: number): Buffer {
  if (length < 0x80) return Buffer.from([tag, length]);
  return length < 0x100 ? Buffer.from([tag, 0x81, length]) : Buffer.from([tag, 0x82, length >> 8, length & 0xff]);
}
