import { randomBytes } from "node:crypto";
import { lstat } from "node:fs/promises";
import { createIntermediateKek } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import { givenContext } from "../expected-context.ts";
import { usage } from "../failure.ts";
import { writeStandardOutput } from "../files/standard-streams.ts";
import { chooseUris, withKeks } from "../keks/chosen-keks.ts";
import { loadConfiguration } from "../keks/configuration.ts";
import { keyExists, newKeyLine } from "../keks/key-file.ts";
import type { CommandOptions } from "../session.ts";
import { createReport } from "../terminal/report.ts";
import { writeOutput } from "../write-output.ts";

export async function keygen(options: CommandOptions): Promise<ExitStatus> {
  return options.intermediate === true ? makeIntermediate(options) : makeLocal(options);
}

async function makeLocal(options: CommandOptions): Promise<ExitStatus> {
  if (options.to !== undefined) throw usage("--to is for --intermediate: a key file is not sealed");
  const name = options.name ?? `key-${randomBytes(4).toString("hex")}`;
  if (!/^[\x21-\x7e]{1,255}$/.test(name)) throw usage("a key's name is 1 to 255 printable ASCII characters without spaces");
  const path = options.out ?? `${name}.key`;
  if (options.out === undefined && !/^[\w.-]+$/.test(name)) throw usage(`${name} cannot be a file name: -o PATH`);
  const line = newKeyLine(name);
  if (path === "-") {
    await writeStandardOutput(one(Buffer.from(line)));
    return 0;
  }
  await refuseTaken(path);
  await writeOutput(one(Buffer.from(line)), path, { force: false, explicit: true, mode: 0o600 });
  createReport(options).result(`local:${path}`, { kek: `local:${path}`, name, path }, "always");
  return 0;
}

async function makeIntermediate(options: CommandOptions): Promise<ExitStatus> {
  if (options.out === undefined) throw usage("--intermediate needs -o PATH, where its key blob goes");
  if (options.name !== undefined) throw usage("an intermediate key has no name, its id is its name");
  const configuration = await loadConfiguration(options.config);
  const named = [...(options.to ?? []), ...(options.toOrIn ?? [])];
  const context = givenContext(options, configuration.context);
  const uris = chooseUris({ to: named.length > 0 ? named : undefined }, configuration, { opens: false, seals: true });
  const { keyId, blob } = await withKeks(uris, options.passphraseSources ?? [], ({ to }) => createIntermediateKek(to, { context }));
  const report = createReport(options);
  if (options.out === "-") report.dataOnStdout();
  if (options.out !== "-") await refuseTaken(options.out);
  await writeOutput(one(blob), options.out, { force: false, explicit: true, mode: 0o666 & ~process.umask() });
  report.result(
    `intermediate:${options.out}#${keyId}`,
    { kek: `intermediate:${options.out}#${keyId}`, keyId, path: options.out },
    "always",
  );
  return 0;
}

/** Not even --force replaces a key, so the advice of other outputs would be wrong. */
async function refuseTaken(path: string): Promise<void> {
  const there = await lstat(path).catch(() => undefined);
  if (there !== undefined) throw keyExists(path);
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
