import { Buffer } from "node:buffer";
import { VaultError } from "./vault-error.ts";

/** A batch of a hundred is below 50 KiB. */
const mostBytes = 1024 * 1024;

export async function readText(path: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > mostBytes) throw new VaultError("provider-error", `vault answered ${path} with more than ${mostBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Undefined where the text is no JSON: the error of the parser would quote it, and it may hold a data key. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
