import type { Exchange } from "./wire-tap.ts";

/** Where a secret crossed the wire: as bytes, as hex, or as base64 or base64url, also in the middle of something longer. */
export function carriersOf(secret: Uint8Array, exchanges: readonly Exchange[]): string[] {
  const needles = spellings(Buffer.from(secret));
  return exchanges.flatMap(({ path, headers, requestBody, responseBody }) => [
    ...(carries(requestBody, needles) ? [`${nameOf(path, headers)}, request`] : []),
    ...(carries(responseBody, needles) ? [`${nameOf(path, headers)}, response`] : []),
  ]);
}

/** "ReEncrypt" for AWS, "rewrap" for Vault. */
export function operationsIn(exchanges: readonly Exchange[]): string[] {
  return exchanges.map(({ path, headers }) => nameOf(path, headers));
}

function nameOf(path: string, headers: Exchange["headers"]): string {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.replace("TrentService.", "");
  return /^\/v1\/[^/]+\/([^/?]+)/.exec(path)?.[1] ?? path;
}

function carries(body: Buffer, needles: readonly Buffer[]): boolean {
  const lower = Buffer.from(body.toString("latin1").toLowerCase(), "latin1");
  return needles.some((needle) => body.includes(needle) || lower.includes(needle));
}

/** Base64 of the same bytes looks otherwise at each of three offsets; the characters at the ends, which neighbours share, are left out. */
function spellings(secret: Buffer): Buffer[] {
  const shifted = [0, 1, 2].flatMap((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), secret])
      .toString("base64")
      .replace(/=+$/, "");
    const own = text.slice(offset === 0 ? 0 : offset + 1, -1);
    return [own, own.replaceAll("+", "-").replaceAll("/", "_")];
  });
  return [secret, ...[secret.toString("hex"), ...shifted].map((text) => Buffer.from(text))];
}
