import { Refusal } from "./refusal.ts";

/** `base64.StdEncoding.DecodeString` of Go: skips line breaks, wants padding, and accepts bits after the last byte that are not zero. */
export function decodeBase64(text: string): Buffer | { readonly illegalAt: number } {
  const illegalAt = firstIllegalByte(text);
  return illegalAt === undefined ? Buffer.from(text, "base64") : { illegalAt };
}

export function illegalBase64(illegalAt: number): string {
  return `illegal base64 data at input byte ${illegalAt}`;
}

export function requireBase64(text: string): Buffer {
  const decoded = decodeBase64(text);
  if ("illegalAt" in decoded) throw new Refusal(400, illegalBase64(decoded.illegalAt));
  return decoded;
}

function firstIllegalByte(text: string): number | undefined {
  let at = 0;
  let inQuantum = 0;
  const next = (): string | undefined => {
    while (text[at] === "\n" || text[at] === "\r") at += 1;
    return text[at++];
  };
  for (;;) {
    const char = next();
    if (char === undefined) return inQuantum === 0 ? undefined : text.length - inQuantum;
    if (/[A-Za-z0-9+/]/.test(char)) {
      inQuantum = (inQuantum + 1) % 4;
      continue;
    }
    if (char !== "=" || inQuantum < 2) return at - 1;
    if (inQuantum === 2) {
      const second = next();
      if (second === undefined) return text.length;
      if (second !== "=") return at - 2;
    }
    return next() === undefined ? undefined : at - 1;
  }
}
