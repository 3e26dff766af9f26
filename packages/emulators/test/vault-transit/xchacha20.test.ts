import { expect, test } from "vitest";
import { hChaCha20 } from "../../src/vault-transit/xchacha20.ts";

test("gives the key of draft-irtf-cfrg-xchacha-03, section 2.2.1", () => {
  const key = Uint8Array.from({ length: 32 }, (_, index) => index);
  const nonce = Buffer.from("000000090000004a0000000031415927", "hex");
  expect(hChaCha20(key, nonce).toString("hex")).toBe("82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc");
});
