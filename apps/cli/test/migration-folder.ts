import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Kek, type KekUnwrapper, LetterlockError, open, seal } from "@letterlock/core";
import { keyFileKek, newKeyLine } from "../src/keks/key-file.ts";
import type { Ran } from "./letterlock-command.ts";

/** Makes the key file NAME.key, and the KEK of it. */
export function keyFile(folder: string, name: string): Kek {
  const path = join(folder, `${name}.key`);
  writeFileSync(path, newKeyLine(name), { mode: 0o600 });
  return keyFileKek(path, name);
}

export function configure(folder: string, configuration: object): void {
  writeFileSync(join(folder, "letterlock.config.json"), JSON.stringify(configuration));
}

/** A folder with `count` files in uploads that are sealed for the key "old", and a configuration that moves them to "new". */
export async function uploadsToMove(folder: string, count: number): Promise<Kek> {
  const old = keyFile(folder, "old");
  keyFile(folder, "new");
  await sealedFiles(join(folder, "uploads"), count, [old]);
  configure(folder, uploadsFromOldToNew);
  return old;
}

export const uploadsFromOldToNew = {
  keks: { old: "local:old.key", new: "local:new.key" },
  from: ["old"],
  to: ["new"],
  stores: { uploads: { type: "files", folder: "uploads" } },
};

/** Files below `folder`, each with its number sealed in it. */
export async function sealedFiles(folder: string, count: number, keks: readonly Kek[]): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (let number = 0; number < count; number++)
    writeFileSync(join(folder, `${String(number).padStart(4, "0")}.ltrl`), await seal(Buffer.from(String(number)), keks));
}

/** Lines with objects in text form, each with its number sealed in it. */
export async function sealedLines(path: string, count: number, keks: readonly Kek[]): Promise<void> {
  const lines: string[] = [];
  for (let number = 0; number < count; number++) {
    const envelope = await seal(Buffer.from(String(number)), keks);
    lines.push(JSON.stringify({ id: number, ssn: Buffer.from(envelope).toString("base64url") }));
  }
  writeFileSync(path, `${lines.join("\n")}\n`);
}

/** How many files the KEK opens as what was sealed in them. Any other plaintext is an error. */
export async function openedFiles(folder: string, kek: KekUnwrapper): Promise<number> {
  let opened = 0;
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".ltrl")) continue;
    try {
      const plaintext = await open(readFileSync(join(folder, name)), [kek]);
      if (Number(Buffer.from(plaintext).toString()) !== Number.parseInt(name, 10)) throw new Error(`${name} holds something else`);
      opened += 1;
    } catch (error) {
      if (!LetterlockError.is(error)) throw error;
    }
  }
  return opened;
}

export interface StoreLine {
  readonly step: string;
  readonly store: string;
  readonly ok: boolean;
  readonly state: string;
  readonly seconds: number;
  readonly books: { readonly scanned: number; readonly classes: Readonly<Record<string, number>>; readonly codes: object };
  readonly verified: StoreLine["books"] & { readonly clean: boolean; readonly withOldRecipients: number };
  readonly removed: StoreLine["books"];
}

/** What `--json` printed: a line for each store, and the last one. */
export function linesOf({ stdout, stderr }: Ran): { readonly stores: readonly StoreLine[]; readonly last: unknown } {
  if (stdout === "") throw new Error(`it printed nothing but ${stderr}`);
  const lines = stdout.trim().split("\n");
  return { stores: lines.slice(0, -1).map((line) => JSON.parse(line) as StoreLine), last: JSON.parse(lines.at(-1) ?? "") as unknown };
}
