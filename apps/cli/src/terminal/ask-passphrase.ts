import { closeSync, openSync, writeSync } from "node:fs";
import { ReadStream } from "node:tty";
import { failure, usage } from "../failure.ts";
import { printable } from "./printable.ts";

const terminal = "/dev/tty";

/** The terminal of the process, whatever standard input is. */
export function terminalAvailable(): boolean {
  try {
    closeSync(openSync(terminal, "r+"));
    return true;
  } catch {
    return false;
  }
}

/** Asks without echo. A new passphrase is asked for twice. */
export async function askPassphrase(name: string, purpose: "open" | "new"): Promise<string> {
  const passphrase = await ask(purpose === "new" ? `New passphrase for ${printable(name)}: ` : `Passphrase for ${printable(name)}: `);
  if (passphrase === "") throw usage("the passphrase is empty");
  if (purpose === "new" && (await ask("The same again: ")) !== passphrase) throw usage("the two passphrases differ; nothing was sealed");
  return passphrase;
}

async function ask(question: string): Promise<string> {
  const fd = openSync(terminal, "r+");
  const input = new ReadStream(fd);
  try {
    input.setRawMode(true);
    writeSync(fd, question);
    return await readLine(input);
  } finally {
    input.setRawMode(false);
    writeSync(fd, "\n");
    input.destroy();
  }
}

/** In raw mode the terminal hands over every key, so that Ctrl-C, Ctrl-D and the erasing keys are ours. */
function readLine(input: ReadStream): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let typed: string[] = [];
  const key = (character: string): void => {
    if (character === "\r" || character === "\n") resolve(typed.join(""));
    else if (character === "\x03") reject(failure("interrupted", "interrupted; nothing was written"));
    else if (character === "\x04") reject(usage("no passphrase was given"));
    else if (character === "\x7f" || character === "\b") typed.pop();
    else if (character === "\x15") typed = [];
    else typed.push(character);
  };
  input.setEncoding("utf8");
  input.on("data", (text: string) => {
    for (const character of text) key(character);
  });
  input.on("error", reject);
  input.on("end", () => reject(usage("no passphrase was given")));
  return promise;
}
