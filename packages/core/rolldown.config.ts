import { defineConfig } from "rolldown";

// One file, because forty small ones take three times as long to import.
export default defineConfig({
  input: "src/index.ts",
  platform: "node",
  transform: { target: "es2023" },
  output: { file: "dist/index.js", format: "esm", sourcemap: true, minify: false, comments: false },
});
