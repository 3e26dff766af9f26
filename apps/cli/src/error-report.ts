import { LetterlockError } from "@letterlock/core";
import { causeMark } from "./doctor/explanation.ts";
import { type ErrorCode, type ExitStatus, exitStatuses } from "./exit-status.ts";
import { isFailure } from "./failure.ts";
import { unreachedByTls } from "./keks/tls-fault.ts";

/** What is said about an error: the fields of `--json`, the line for people, and the exit status. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly exitStatus: ExitStatus;
  readonly attempts?: readonly { readonly provider: string; readonly keyRef: string; readonly code: string }[];
}

export function errorReport(error: unknown): ErrorReport {
  if (isFailure(error)) return report(error.failure, error.message);
  if (LetterlockError.is(error)) {
    const attempts = error.attempts.map(({ provider, keyRef, code }) => ({ provider, keyRef, code }));
    const said = kekReport(error);
    return attempts.length > 0 ? { ...said, attempts } : said;
  }
  if (isSystemError(error)) return report("io-error", systemErrorMessage(error));
  // Core reports misuse (a bad context, too long an aad, two equal KEKs) with the language's own errors: here that is the command line's fault.
  if (error instanceof TypeError || error instanceof RangeError) return report("usage", error.message);
  return report("unexpected", `unexpected error: ${error instanceof Error ? error.message : String(error)} (--debug shows more)`);
}

function report(code: ErrorCode, message: string): ErrorReport {
  return { code, message, exitStatus: exitStatuses[code] };
}

/** Core leaves the cause to who may look at it. A server that TLS does not reach is no matter of waiting: the status is that of a KEK that cannot be used. */
function kekReport(error: LetterlockError): ErrorReport {
  const { code, message, cause, provider } = error;
  const tls = unreachedByTls(code, provider ?? "the KEK", cause);
  if (tls !== undefined) return { code, message: `${code}: ${message.replace(coreAdvice, "")}: ${tls}`, exitStatus: 4 };
  const mark = causeMark(cause);
  const more = mark === undefined ? "--debug shows more" : `${mark}; --debug shows more`;
  return report(code, withHint(code, message.replace(/the provider failed, see cause$/, `the provider failed (${more})`)));
}

const coreAdvice = /: the provider (failed, see cause|did not answer, retry later)$/;

/** For --debug: a line for the cause of an error, and of each attempt. Words stand there only where the adapter or TLS made them: others may quote a request or a key. */
export function causeLines(error: unknown): readonly string[] {
  if (!LetterlockError.is(error)) return [];
  const causes = new Set([error.cause, ...error.attempts.map(({ cause }) => cause)]);
  return [...causes].flatMap((cause) => {
    const mark = causeMark(cause);
    if (!(cause instanceof Error)) return [];
    const own = cause.name === "VaultError" ? cause.message.split("\n", 1)[0] : undefined;
    return [
      `    caused by ${[cause.name, mark === cause.name ? undefined : mark].filter(Boolean).join(" ")}${own === undefined ? "" : `: ${own}`}`,
    ];
  });
}

const hints: Partial<Record<ErrorCode, string>> = {
  "not-authentic": "a wrong key or passphrase, a wrong --aad, or damaged or replaced bytes",
  "context-mismatch": "compare --context with what `letterlock inspect` shows",
  truncated: "the end is missing: fetch or copy the file again",
  throttled: "try again later",
  unavailable: "try again later",
};

function withHint(code: ErrorCode, message: string): string {
  const hint = hints[code];
  return `${code}: ${message}${hint === undefined ? "" : ` (${hint})`}`;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && "syscall" in error && "code" in error;
}

const systemErrors: Readonly<Record<string, string>> = {
  ENOSPC: "no space left on the device; nothing was kept",
  EDQUOT: "the disk quota is used up; nothing was kept",
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  ENOENT: "no such file or folder",
  EROFS: "the file system is read-only",
  EISDIR: "is a folder",
  ENOTDIR: "a part of the path is not a folder",
  ENAMETOOLONG: "the name is longer than the file system allows: give a shorter one with -o PATH",
  EMFILE: "too many open files",
  EPIPE: "nobody reads the output any more; it is incomplete",
  EIO: "the device reports an input/output error",
};

function systemErrorMessage(error: NodeJS.ErrnoException): string {
  const what = systemErrors[error.code ?? ""] ?? error.message;
  return error.path === undefined ? what : `${error.path}: ${what}`;
}
