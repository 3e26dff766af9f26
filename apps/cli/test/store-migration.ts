import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { asStored, fromText, localKek, open, seal, toText } from "@letterlock/core";
import { expect } from "vitest";
import { letterlockIn, type Ran } from "./letterlock-command.ts";

type Environment = Readonly<Record<string, string>>;
/** A store as it stands in a configuration. */
export type Entry = Readonly<Record<string, unknown>>;

/** A migration between two key files, and the command that does it: in another folder than that of the configuration, which paths are relative to. */
export interface StoreMigration {
  sealed(text: string): Promise<Uint8Array>;
  /** In text form. */
  sealedText(text: string): Promise<string>;
  /** With the new key alone; a string is a text form. */
  opened(object: Uint8Array | string): Promise<string>;
  /** `letterlock migrate STEP` on these stores of a configuration that is named. */
  migrate(step: readonly string[], stores: Readonly<Record<string, Entry>>, environment?: Environment): Promise<Ran>;
  /** Plans, migrates and verifies one store, and finds so many objects in it each time. */
  moves(entry: Entry, objects: number, environment?: Environment): Promise<void>;
  /** Ends each step so, as text with what helps to find an error and as JSON, and never with the password. */
  fails(entry: Entry, code: string, message: string, environment?: Environment, more?: readonly string[]): Promise<void>;
  /** Plans with a configuration that is found and not named. */
  found(entry: Entry, environment: Environment): Promise<Ran>;
}

/** The password of every server in these tests. */
export const secret = "hunter2";

const statuses: Readonly<Record<string, number>> = { usage: 2, "wrong-usage": 2, "access-denied": 4, unavailable: 5, "provider-error": 5 };

export function storeMigration(folder: string): StoreMigration {
  const elsewhere = join(folder, "elsewhere");
  mkdirSync(elsewhere);
  const [old, target] = ["old", "new"].map((name) => {
    const bytes = randomBytes(32);
    writeFileSync(join(folder, `${name}.key`), `letterlock-key-1 ${name} ${bytes.toString("base64url")}\n`, { mode: 0o600 });
    return localKek({ name, secret: bytes });
  });
  if (old === undefined || target === undefined) throw new Error("there are two keys");
  const sealed = (text: string): Promise<Uint8Array> => seal(Buffer.from(text), [old]);
  const migrate: StoreMigration["migrate"] = async (step, stores, environment = {}) => {
    const configuration = { keks: { old: "local:old.key", new: "local:new.key" }, from: ["old"], to: ["new"], stores };
    writeFileSync(join(folder, "stores.json"), JSON.stringify(configuration));
    return await letterlockIn(elsewhere, environment)(
      "migrate",
      ...step,
      "--config",
      "../stores.json",
      ...(step.includes("--journal") ? [] : ["--no-journal"]),
    );
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
    async fails(entry, code, message, environment, more = []) {
      for (const words of [
        ["plan", "--debug"],
        ["run", "--json"],
      ]) {
        const { status, stdout, stderr } = await migrate([...words, ...more], { users: entry }, environment);
        expect(stderr).toContain(words.includes("--json") ? JSON.stringify(message).slice(1, -1) : message);
        if (words.includes("--json")) expect(stderr).toContain(`"code":"${code}"`);
        expect(stdout + stderr).not.toContain(secret);
        expect(status).toBe(statuses[code]);
      }
    },
    async found(entry, environment) {
      const configuration = { from: ["local:old.key"], to: ["local:new.key"], stores: { users: entry } };
      writeFileSync(join(folder, "letterlock.config.json"), JSON.stringify(configuration));
      return await letterlockIn(elsewhere, environment)("migrate", "plan", "--no-journal");
    },
  };
}
