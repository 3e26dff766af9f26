import { randomBytes } from "node:crypto";
import { closeSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { type Kek, localKek } from "@letterlock/core";
import { failure, usage } from "../failure.ts";

const keyLine = /^letterlock-key-1 ([\x21-\x7e]{1,255}) ([A-Za-z0-9_-]{43})\n?$/;

export function newKeyLine(name: string): string {
  return `letterlock-key-1 ${name} ${randomBytes(32).toString("base64url")}\n`;
}

/** Whether a file begins as a key file does: such a file is never an output, and never named in advice to change its mode. */
export function isKeyFile(path: string): boolean {
  let fd: number;
  try {
    fd = openSync(path, "r");
  } catch {
    return false;
  }
  try {
    const start = Buffer.alloc(keyFileStart.length);
    return fstatSync(fd).isFile() && readSync(fd, start, 0, start.length, 0) === start.length && start.toString("latin1") === keyFileStart;
  } finally {
    closeSync(fd);
  }
}

const keyFileStart = "letterlock-key-1 ";

/** The KEK of a key file. A file that others can read is refused: its key must count as known. */
export function keyFileKek(path: string, name: string | undefined): Kek {
  const line = keyLine.exec(readOwnFile(path));
  if (line === null) throw usage(`${path} is no key file: it must be one line, "letterlock-key-1 NAME KEY"`);
  const [, ownName = "", key = ""] = line;
  if (name !== undefined && name !== ownName) throw usage(`${path} holds the key ${ownName}, not ${name}`);
  const secret = Buffer.from(key, "base64url");
  if (secret.toString("base64url") !== key) throw usage(`${path} is no key file: its key is damaged`);
  const kek = localKek({ name: ownName, secret });
  secret.fill(0);
  return kek;
}

function readOwnFile(path: string): string {
  const fd = openKeyFile(path);
  try {
    const { mode } = fstatSync(fd);
    if (!isKeyFile(path)) throw usage(`${path} is no key file: it must be one line, "letterlock-key-1 NAME KEY"`);
    if (process.platform !== "win32" && (mode & 0o077) !== 0) {
      throw usage(`${path} can be read by others: run chmod 600 '${path}', and make a new key if somebody may have read it`);
    }
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

function openKeyFile(path: string): number {
  try {
    return openSync(path, "r");
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "ENOENT"
      ? usage(`${path}: no such key file (\`letterlock keygen -o PATH\` makes one)`)
      : error;
  }
}

/** Not even --force replaces a key file: what it sealed would be lost. */
export function keyExists(path: string): Error {
  return failure("exists", `${path} exists already, and a key file is never replaced`);
}
