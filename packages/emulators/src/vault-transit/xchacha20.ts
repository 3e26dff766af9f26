/**
 * HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2): the key for the last 8 bytes of a 24-byte nonce, from a 32-byte key and the first 16.
 * XChaCha20-Poly1305 is ChaCha20-Poly1305 under it, with four zero bytes before the 8.
 */
export function hChaCha20(key: Uint8Array, nonce16: Uint8Array): Buffer {
  const input = Buffer.concat([Buffer.from("expand 32-byte k"), key, nonce16]);
  const state = Uint32Array.from({ length: 16 }, (_, word) => input.readUInt32LE(word * 4));
  for (let round = 0; round < 10; round += 1) {
    for (const column of [0, 1, 2, 3]) quarterRound(state, column, column + 4, column + 8, column + 12);
    for (const column of [0, 1, 2, 3]) quarterRound(state, column, ((column + 1) % 4) + 4, ((column + 2) % 4) + 8, ((column + 3) % 4) + 12);
  }
  const out = Buffer.alloc(32);
  for (const [index, word] of [0, 1, 2, 3, 12, 13, 14, 15].entries()) out.writeUInt32LE(state[word] ?? 0, index * 4);
  return out;
}

function quarterRound(state: Uint32Array, a: number, b: number, c: number, d: number): void {
  addAndRotate(state, a, b, d, 16);
  addAndRotate(state, c, d, b, 12);
  addAndRotate(state, a, b, d, 8);
  addAndRotate(state, c, d, b, 7);
}

/** `to += from`, then `mixed = (mixed ^ to) <<< bits`. */
function addAndRotate(state: Uint32Array, to: number, from: number, mixed: number, bits: number): void {
  const sum = ((state[to] ?? 0) + (state[from] ?? 0)) >>> 0;
  const crossed = (state[mixed] ?? 0) ^ sum;
  state[to] = sum;
  state[mixed] = (crossed << bits) | (crossed >>> (32 - bits));
}
