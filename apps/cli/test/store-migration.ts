import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { asStored, fromText, localKek, open, seal, toText } from "@letterlock/core";
import { expect } from "vitest";
import { letterlockIn, type Ran } from "./letterlock-command.ts";

type Environment = Readonly<Record<string, string>>;
type Stores = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A migration between two key files, and the command that does it. */
export interface StoreMigration {
  sealed(text: string): Promise<Uint8Array>;
  /** In text form. */
  sealedText(text: string): Promise<string>;
  /** With the new key alone; a string is a text form. */
  opened(object: Uint8Array | string): Promise<string>;
  /** `letterlock migrate STEP` on these stores of a configuration that is named. */
  migrate(step: readonly string[], stores: Stores, environment?: Environment): Promise<Ran>;
  /** Plans, migrates and verifies one store, and finds so many objects in it each time. */
  moves(entry: Readonly<Record<string, unknown>>, objects: number, environment?: Environment): Promise<void>;
}

export function storeMigration(folder: string): StoreMigration {
  const [old, target] = ["old", "new"].map((name) => {
    const secret = randomBytes(32);
    writeFileSync(join(folder, `${name}.key`), `letterlock-key-1 ${name} ${secret.toString("base64url")}\n`, { mode: 0o600 });
    return localKek({ name, secret });
  });
  if (old === undefined || target === undefined) throw new Error("there are two keys");
  const sealed = (text: string): Promise<Uint8Array> => seal(Buffer.from(text), [old]);
  const migrate: StoreMigration["migrate"] = async (step, stores, environment = {}) => {
    const configuration = { keks: { old: "local:old.key", new: "local:new.key" }, from: ["old"], to: ["new"], stores };
    writeFileSync(join(folder, "stores.json"), JSON.stringify(configuration));
    return await letterlockIn(folder, environment)("migrate", ...step, "--config", "stores.json", "--no-journal");
  };
  return {
    sealed,
    sealedText: async (text) => toText(await sealed(text)),
    async opened(object) {
      const bytes = typeof object === "string" ? fromText(object) : object;
      return Buffer.from(await open(bytes, [target], { context: asStored() })).toString();
    },
    migrate,
    async moves(entry, objects, environment) {
      for (const step of ["plan", "run", "verify"]) {
        const { status, stdout, stderr } = await migrate([step], { moved: entry }, environment);
        expect(stderr, step).toBe("");
        expect(stdout, step).toContain(`moved: ${objects} object`);
        expect(status, step).toBe(0);
      }
    },
  };
}
