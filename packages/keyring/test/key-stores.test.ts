import { memoryKeyStore } from "../src/index.ts";
import { testKeyStore } from "../src/vitest.ts";

const memory = memoryKeyStore();
testKeyStore("memoryKeyStore", async () => memory);
