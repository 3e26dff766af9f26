import { open } from "node:fs/promises";

/** Flips the lowest bit of the byte at `fraction` of the file; returns its offset. */
export async function flipByte(path: string, fraction: number): Promise<number> {
  const file = await open(path, "r+");
  try {
    const { size } = await file.stat();
    const at = Math.floor(size * fraction);
    const byte = new Uint8Array(1);
    await file.read(byte, 0, 1, at);
    byte[0] = (byte[0] as number) ^ 1;
    await file.write(byte, 0, 1, at);
    return at;
  } finally {
    await file.close();
  }
}
