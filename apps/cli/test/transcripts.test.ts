import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createProgram } from "../src/program.ts";
import { emulatedProviders } from "./emulated-providers.ts";
import { binFolder, shell, workFolder } from "./letterlock-command.ts";
import { difference, parseTranscript } from "./transcript.ts";

const folder = join(import.meta.dirname, "transcripts");
const emulated = emulatedProviders();
const names = readdirSync(folder).filter((name) => name.endsWith(".txt"));

describe("the command does what its transcripts say", () => {
  it.each(names)("%s", { timeout: 120_000 }, async (name) => {
    const steps = parseTranscript(readFileSync(join(folder, name), "utf8"));
    const base = workFolder();
    const bin = binFolder(base);
    const cwd = join(base, "work");
    mkdirSync(cwd);
    const environment = name === "emulators.txt" ? {} : variables();
    for (const step of steps) expect(difference(step, await shell(cwd, step.command, bin, environment))).toBeUndefined();
  });

  it("has a transcript of every command", () => {
    const { commands } = createProgram(() => {});
    expect(names).toEqual(expect.arrayContaining(commands.map((command) => `${command.name()}.txt`)));
  });
});

/** What `letterlock emulators` prints, a token that may only seal, one that may make keys by sealing, and one that has expired. */
function variables(): Readonly<Record<string, string>> {
  const { environment, keks, admin } = emulated.providers;
  admin.vault.putPolicy("sealing", 'path "transit/encrypt/dev" { capabilities = ["update"] }');
  admin.vault.putPolicy("making", 'path "transit/encrypt/*" { capabilities = ["create", "update"] }');
  const expired = admin.vault.createToken({ policies: ["sealing"], ttlMs: 1 });
  admin.vault.advanceMs(2);
  const tokens = {
    SEALING_TOKEN: admin.vault.createToken({ policies: ["sealing"] }),
    MAKING_TOKEN: admin.vault.createToken({ policies: ["making"] }),
    EXPIRED_TOKEN: expired,
  };
  return { ...environment, ...keks, ...tokens };
}

describe("the transcript runner", () => {
  const [step] = parseTranscript("$ say\nhello <n>\n! oops.\n? 3\n");
  const ran = { status: 3, stdout: "hello 12\n", stderr: "oops.\n" };

  it("accepts what is written", () => {
    expect(step && difference(step, ran)).toBeUndefined();
  });

  it.each([
    ["another status", { ...ran, status: 0 }],
    ["another line", { ...ran, stdout: "hello you\n" }],
    ["a line too many", { ...ran, stdout: "hello 12\nmore\n" }],
    ["a missing line", { ...ran, stdout: "" }],
    ["a dot that is another character", { ...ran, stderr: "oops!\n" }],
  ])("refuses %s", (_, other) => {
    expect(step && difference(step, other)).toContain("$ say");
  });

  it.each(["", "# only prose\n", "output first\n$ say\n", "$ say\n? many\n"])("refuses the transcript %j", (text) => {
    expect(() => parseTranscript(text)).toThrow();
  });
});
