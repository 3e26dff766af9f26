/**
 * A foreign text without what can be a secret in it: the service, or a gateway before it, may quote what it was sent, and a data key is 44 characters of
 * base64, however they are escaped, or a list of numbers. ARNs and ids are as long, and no secrets.
 */
export function cutText(text: string): string {
  const cut = (piece: string): string => piece.replace(longRun, "...").replace(numbers, "...");
  return text
    .split(names)
    .map((piece, index) => (index % 2 === 0 ? cut(piece) : piece))
    .join("");
}

/** In a group, so that `split` keeps them. */
const names = /(\barn:aws[\w-]*:[\w-]+:[\w-]*:\d{0,12}:[\w./@-]{1,200}|\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b)/;
const longRun = /(?:[\w+/=%\\-]|&#?\w{1,6};){24,}/g;
const numbers = /(?:\d{1,3}[\s,]{1,4}){15,}\d{1,3}/g;
