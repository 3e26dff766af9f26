const table: { values: Uint32Array | undefined } = { values: undefined };

/** CRC-32C (RFC 3720, appendix B.4), 0 to 2^32 - 1. */
export function crc32c(bytes: Uint8Array): number {
  const values = castagnoli();
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (values[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Computed on first use, because nothing here works on import. */
function castagnoli(): Uint32Array {
  table.values ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let value = byte;
    for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1;
    return value;
  });
  return table.values;
}
