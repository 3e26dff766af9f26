import { localKek } from "@letterlock/core";
import { testKek } from "../src/vitest.ts";

testKek("a local KEK", {
  create: (key) => localKek({ name: key, secret: new Uint8Array(32).fill(key.charCodeAt(0)) }),
});
