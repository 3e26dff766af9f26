import { realpath, stat } from "node:fs/promises";
import { envelopeHead } from "@letterlock/core";
import { failure } from "./failure.ts";
import { requireVersion, versionAt } from "./files/file-version.ts";
import { type Chunks, chain, textOf } from "./files/input-chunks.ts";
import type { Input } from "./files/inputs.ts";
import { writeStandardOutput } from "./files/standard-streams.ts";
import type { SealedSource } from "./sealed-source.ts";
import { writeFile } from "./write-output.ts";

/** The object with another header: the payload is copied, however large it is. */
export function withHeader(source: SealedSource, blob: Uint8Array): Chunks {
  return source.info.type === "envelope" ? chain([envelopeHead(blob)], source.payload()) : chain([blob]);
}

/**
 * Puts new bytes in the place of an input, all or nothing, with its mode; of a link, in the place of its target. Standard input goes to standard output.
 * A file that is no longer the one that the source was read from stays, and the work is "changed".
 */
export async function rewriteInPlace(
  input: Input,
  { version }: SealedSource,
  chunks: AsyncIterable<Uint8Array>,
  { text }: { readonly text?: boolean | undefined },
): Promise<number> {
  const bytes = text === true ? textOf(chunks) : chunks;
  if (input.path === "-") return writeStandardOutput(bytes);
  const path = await realpath(input.path);
  const there = await stat(path);
  if (!there.isFile() || version === undefined) throw failure("usage", `${input.path} is no file that can be rewritten in place`);
  const checkReplaced = (): void => requireVersion(version, versionAt(path), input.path);
  return writeFile(bytes, path, { replace: true, mode: there.mode & 0o777, checkReplaced });
}
