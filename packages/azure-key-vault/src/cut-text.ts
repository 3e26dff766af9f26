/**
 * A foreign text without what can be a secret in it: a data key is 43 characters of base64url, or a list of numbers, and a token is longer. The ids of
 * versions, applications and tenants are as long, and no secrets.
 */
export function cutText(text: string): string {
  const cut = (piece: string): string => piece.replace(longRun, "...").replace(numbers, "...");
  return text
    .split(ids)
    .map((piece, index) => (index % 2 === 0 ? cut(piece) : piece))
    .join("");
}

/** In a group, so that `split` keeps them. */
const ids = /((?<![\w~+%\\-])(?:[\da-f]{32}|[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12})(?![\w~+=%\\-]))/;
const longRun = /(?:[\w~%\\+/-]|&#?\w{1,6};){24,}/g;
const numbers = /(?:\d{1,3}[\s,]{1,4}){15,}\d{1,3}/g;
