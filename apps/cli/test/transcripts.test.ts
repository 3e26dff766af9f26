import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { binFolder, shell, workFolder } from "./letterlock-command.ts";
import { difference, parseTranscript } from "./transcript.ts";

const folder = join(import.meta.dirname, "transcripts");
const names = readdirSync(folder).filter((name) => name.endsWith(".txt"));

describe("the command does what its transcripts say", () => {
  it.each(names)("%s", { timeout: 120_000 }, async (name) => {
    const steps = parseTranscript(readFileSync(join(folder, name), "utf8"));
    const base = workFolder();
    const bin = binFolder(base);
    const cwd = join(base, "work");
    mkdirSync(cwd);
    for (const step of steps) expect(difference(step, await shell(cwd, step.command, bin))).toBeUndefined();
  });

  it("has a transcript of every command", () => {
    const commands = ["completion", "decrypt", "encrypt", "inspect", "keygen", "refresh", "rekey", "rewrap", "verify"];
    expect(names).toEqual(expect.arrayContaining(commands.map((command) => `${command}.txt`)));
  });
});

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
