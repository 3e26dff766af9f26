import type { TextFile } from "./repository.ts";

const adapters = /^packages\/(aws-kms|gcp-kms|azure-key-vault|vault-transit)\/src\//;

/** Source files hold at most 250 lines; those of an adapter, which are a KEK each, fewer than 100. */
export function fileLength(files: readonly TextFile[]): string[] {
  return files
    .filter(({ path }) => /^((packages|apps|test-harness)\/[^/]+\/src|scripts)\/.*\.(ts|mjs)$/.test(path))
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1, limit: adapters.test(path) ? 99 : 250 }))
    .filter(({ lines, limit }) => lines > limit)
    .map(({ path, lines, limit }) => `${path} has ${lines} lines; the limit is ${limit}`);
}
