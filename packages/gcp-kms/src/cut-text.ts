/**
 * A foreign text without what can be a secret in it. Nothing promises that the service, or a gateway before it, does not quote what it was sent, and a data
 * key is 44 characters of base64, however they are escaped, or a list of numbers. The name of the key is as long, and no secret.
 */
export function cutText(text: string, keyName: string | undefined): string {
  const pieces = keyName === undefined ? [text] : text.split(keyName);
  return pieces.map(cutPiece).join(keyName);
}

function cutPiece(text: string): string {
  const [, version = ""] = /^(\/cryptoKeyVersions\/\d{1,19}\b)/.exec(text) ?? [];
  const rest = text.slice(version.length).replace(checksums, "$1...").replace(longRun, "...").replace(numbers, "...");
  return version + rest;
}

const longRun = /(?:[\w+/=%\\-]|&#?\w{1,6};){24,}/g;
/** 32 bits of what is known of a key. */
const checksums = /(crc32c\W{1,12})\d+/gi;
const numbers = /(?:\d{1,3}[\s,]{1,4}){15,}\d{1,3}/g;
