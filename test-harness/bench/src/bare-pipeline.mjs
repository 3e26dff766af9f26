// The peer of the command: `node bare-pipeline.mjs seal|open KEY-HEX IN OUT`. A file is nonce || ciphertext || tag.
// Plain JavaScript, so that its start is not slowed down by stripping types.
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes } from "node:crypto";
import { appendFileSync, closeSync, createReadStream, createWriteStream, openSync, readSync, statSync } from "node:fs";
import { pipeline } from "node:stream/promises";

const [direction, hex, input, output] = process.argv.slice(2);
const key = createSecretKey(hex, "hex");
await (direction === "seal" ? seal() : open());

async function seal() {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const sink = createWriteStream(output);
  sink.write(nonce);
  await pipeline(createReadStream(input), cipher, sink);
  appendFileSync(output, cipher.getAuthTag());
}

async function open() {
  const { size } = statSync(input);
  const file = openSync(input);
  const nonce = Buffer.alloc(12);
  const tag = Buffer.alloc(16);
  readSync(file, nonce, 0, 12, 0);
  readSync(file, tag, 0, 16, size - 16);
  closeSync(file);
  const decipher = createDecipheriv("aes-256-gcm", key, nonce).setAuthTag(tag);
  await pipeline(createReadStream(input, { start: 12, end: size - 17 }), decipher, createWriteStream(output));
}
