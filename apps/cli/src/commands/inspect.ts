import { inspect as look, type ObjectInfo } from "@letterlock/core";
import type { ExitStatus } from "../exit-status.ts";
import type { Input } from "../files/inputs.ts";
import { sealedSource } from "../sealed-source.ts";
import { type CommandOptions, forEachObject, isSealedName, openSession } from "../session.ts";
import { printable } from "../terminal/printable.ts";

export async function inspect(words: readonly string[], options: CommandOptions): Promise<ExitStatus> {
  const { report, inputs } = await openSession(words, options, isSealedName);
  const items = inputs.list.map((input) => ({ input }));
  return forEachObject(report, items, async ({ input }) => {
    const { info, bytes } = await infoOf(input, options);
    report.result(forPeople(input, info, bytes), forMachines(input, info, bytes), "always");
  });
}

async function infoOf(input: Input, options: CommandOptions): Promise<{ readonly info: ObjectInfo; readonly bytes: number }> {
  const source = await sealedSource(input, options, () => {});
  if (source.size !== undefined) {
    await source.close();
    return { info: source.info, bytes: source.size };
  }
  // From a pipe, the size is known at its end.
  let bytes = 0;
  for await (const chunk of source.whole()) bytes += chunk.length;
  return { info: look(source.prefix, { size: bytes }), bytes };
}

function forMachines(input: Input, info: ObjectInfo, bytes: number): object {
  const shared = { input: input.path, verified: false, type: info.type, keyId: info.keyId, bytes };
  const plaintextBytes = info.type === "key-blob" ? {} : { plaintextBytes: info.plaintextBytes ?? null };
  if (info.type === "record") return { ...shared, ...plaintextBytes };
  const { suite, usage, context, detached, recipients, bytes: headerBytes } = info.header;
  return {
    ...shared,
    ...plaintextBytes,
    suite,
    usage,
    context,
    detached,
    recipients: recipients.map(({ provider, keyRef, keyVersion, wrapped }) => ({
      provider,
      keyRef,
      keyVersion: keyVersion ?? null,
      wrappedBytes: wrapped.length,
    })),
    headerBytes,
  };
}

function forPeople(input: Input, info: ObjectInfo, bytes: number): string {
  const lines = [`${printable(input.path)}: ${typeNames[info.type]}, ${bytes} bytes, unverified`, field("key id", info.keyId)];
  if (info.type !== "key-blob")
    lines.push(field("plaintext", info.plaintextBytes === undefined ? "truncated or damaged" : `${info.plaintextBytes} bytes`));
  if (info.type === "record") return lines.join("\n");
  const { suite, usage, context, detached, recipients } = info.header;
  lines.push(field("suite", suite));
  if (usage === "kek") lines.push(field("usage", "a key-encryption key"));
  for (const [key, value] of Object.entries(context)) lines.push(field("context", `${printable(key)}=${printable(value)}`));
  for (const key of detached) lines.push(field("context", `${printable(key)} (detached: its value is not stored)`));
  for (const { provider, keyRef, keyVersion } of recipients) {
    lines.push(
      field("recipient", `${provider} ${printable(keyRef)}${keyVersion === undefined ? "" : `, version ${printable(keyVersion)}`}`),
    );
  }
  return lines.join("\n");
}

function field(name: string, value: string): string {
  return `  ${name.padEnd(10)} ${value}`;
}

const typeNames = { envelope: "envelope", "key-blob": "key blob", record: "record" };
