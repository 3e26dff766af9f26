import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { letterlock, workFolder } from "./letterlock-command.ts";
import { onTerminal, terminalAvailable } from "./terminal-session.ts";

const passphrase = "Tr0ub4dor and three";

describe.skipIf(!terminalAvailable)("a passphrase on the terminal (needs `script` of util-linux)", { timeout: 30_000 }, () => {
  it("is asked for twice to seal and once to open, and is never shown", async () => {
    const folder = workFolder();
    writeFileSync(join(folder, "a.txt"), "hello\n");
    const sealing = onTerminal(["encrypt", "a.txt", "--to", "passphrase:backup"], folder);
    await sealing.shows("New passphrase for backup: ");
    sealing.type(`${passphrase}x\x7f\r`);
    await sealing.shows("The same again: ");
    sealing.type(`${passphrase}\r`);
    const sealed = await sealing.ended;
    expect(sealed.status).toBe(0);

    const opening = onTerminal(["decrypt", "a.txt.ltrl", "--with", "passphrase:backup", "-o", "b.txt"], folder);
    await opening.shows("Passphrase for backup: ");
    opening.type(`${passphrase}\r`);
    const opened = await opening.ended;
    expect(opened.status).toBe(0);
    expect(readFileSync(join(folder, "b.txt"), "utf8")).toBe("hello\n");
    expect(sealed.screen + opened.screen).not.toContain("Tr0ub4dor");
  });

  it("refuses two that differ", async () => {
    const folder = workFolder();
    writeFileSync(join(folder, "a.txt"), "hello\n");
    const sealing = onTerminal(["encrypt", "a.txt", "--to", "passphrase:"], folder);
    await sealing.shows("New passphrase for passphrase: ");
    sealing.type("one\r");
    await sealing.shows("The same again: ");
    sealing.type("two\r");
    const { status, screen } = await sealing.ended;
    expect(status).toBe(2);
    expect(screen).toContain("the two passphrases differ");
    expect(existsSync(join(folder, "a.txt.ltrl"))).toBe(false);
  });

  it("ends with 130 on Ctrl-C at the prompt", async () => {
    const folder = workFolder();
    writeFileSync(join(folder, "a.txt"), "hello\n");
    const sealing = onTerminal(["encrypt", "a.txt", "--to", "passphrase:"], folder);
    await sealing.shows("New passphrase for passphrase: ");
    sealing.type("one\x03");
    expect((await sealing.ended).status).toBe(130);
  });
});

describe.skipIf(!terminalAvailable)("a terminal as standard output", { timeout: 30_000 }, () => {
  it("is not sent sealed or binary bytes", async () => {
    const folder = workFolder();
    await letterlock(folder, ["keygen", "--name", "dev", "-o", "dev.key"]);
    writeFileSync(join(folder, "text"), "hello\n");
    writeFileSync(join(folder, "binary"), "\x1b[2J\n");
    const sealing = await onTerminal(["encrypt", "-", "--to", "local:dev.key"], folder).ended;
    expect(sealing.status).toBe(2);
    expect(sealing.screen).toContain("would go to the terminal");
    await letterlock(folder, ["encrypt", "text", "binary", "--to", "local:dev.key"]);
    const text = await onTerminal(["decrypt", "text.ltrl", "--with", "local:dev.key", "--range", "0-6"], folder).ended;
    expect(text).toMatchObject({ status: 0, screen: "hello\r\n" });
    const binary = await onTerminal(["decrypt", "binary.ltrl", "--with", "local:dev.key", "--range", "0-5"], folder).ended;
    expect(binary.status).toBe(2);
    expect(binary.screen).not.toContain("\x1b[2J");
    const meant = await onTerminal(["decrypt", "binary.ltrl", "--with", "local:dev.key", "-o", "-"], folder).ended;
    expect(meant).toMatchObject({ status: 0, screen: "\x1b[2J\r\n" });
  });
});
