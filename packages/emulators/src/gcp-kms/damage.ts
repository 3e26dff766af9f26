import { type Checksum, checksumOf } from "./checksum.ts";

/** A decoded request or response. */
export type Message = Readonly<Record<string, unknown>>;

/**
 * What happens between the client and the service. answer: a bit of the value that comes back is flipped. answer-checksum: its checksum is lost.
 * request: a bit of the value that is sent is flipped. request-checksum: the checksums that are sent are lost.
 */
export type Damage = "answer" | "answer-checksum" | "request" | "request-checksum";

/** The bytes of a message that a checksum covers; the first that is there. */
const values = ["ciphertext", "plaintext", "data"] as const;

export function damageRequest(damage: Damage | undefined, request: Message): Message {
  if (damage === "request") return withValue(request, flipped);
  return damage === "request-checksum" ? withoutChecksums(request) : request;
}

export function damageAnswer(damage: Damage | undefined, answer: Message): Message {
  if (damage === "answer") return withValue(answer, flipped);
  return damage === "answer-checksum" ? withoutChecksums(answer) : answer;
}

/** The value has one byte less, and the checksum of what is left. */
export function shorten(answer: Message): Message {
  return withValue(answer, (bytes) => bytes.subarray(0, -1), checksumOf);
}

/** The answer, under the name of another key of the same ring. */
export function renameKey(answer: Message): Message {
  const { name, primary } = answer;
  return {
    ...answer,
    ...(typeof name === "string" && { name: anotherKey(name) }),
    ...(isMessage(primary) && { primary: renameKey(primary) }),
  };
}

function anotherKey(name: string): string {
  return name.replace(/(\/cryptoKeys\/)([^/]+)/, "$1another-$2");
}

function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null;
}

function withValue(message: Message, change: (bytes: Buffer) => Buffer, checksum?: (bytes: Buffer) => Checksum): Message {
  for (const name of values) {
    const bytes = message[name];
    if (!Buffer.isBuffer(bytes)) continue;
    const changed = change(bytes);
    const checksumName = name === "data" ? "dataCrc32c" : `${name}Crc32c`;
    return { ...message, [name]: changed, ...(checksum && { [checksumName]: checksum(changed) }) };
  }
  return message;
}

/** An empty value cannot lose a bit: it gains a byte. */
function flipped(bytes: Buffer): Buffer {
  const copy = bytes.length === 0 ? Buffer.alloc(1) : Buffer.from(bytes);
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 1;
  return copy;
}

function withoutChecksums(message: Message): Message {
  return Object.fromEntries(Object.entries(message).filter(([name]) => !/^(?!verified).*Crc32c$/.test(name)));
}
