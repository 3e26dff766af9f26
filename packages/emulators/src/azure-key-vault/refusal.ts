import type { HttpAnswer } from "../server/http-server.ts";

/** An error of the service: thrown where it is noticed, sent in one place. */
export class Refusal extends Error {
  readonly answer: HttpAnswer;

  constructor(status: number, code: string, message: string, inner?: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    const error = { code, message, ...(inner !== undefined && { innererror: { code: inner } }) };
    this.answer = { status, headers: { ...answerHeaders, ...headers }, body: { error } };
  }
}

/** What the recorded answers carry, as far as clients look at it. */
export const answerHeaders: Readonly<Record<string, string>> = {
  "content-type": "application/json; charset=utf-8",
  "cache-control": "no-cache",
  "x-ms-keyvault-region": "emulator",
  "x-ms-keyvault-service-version": "0.0.0.0",
};

export function keyNotFound(name: string, version: string): Refusal {
  const id = version === "" ? name : `${name}/${version}`;
  const advice = "If you recently deleted this key you may be able to recover it using the correct recovery command.";
  return new Refusal(404, "KeyNotFound", `A key with (name/id) ${id} was not found in this key vault. ${advice}`);
}

export function badParameter(message: string): Refusal {
  return new Refusal(400, "BadParameter", message);
}

/** Tampered, truncated, of another key or version, of another algorithm: the service says the same. */
export function incorrectParameter(): Refusal {
  return badParameter("The parameter is incorrect.\r\n");
}

export function accessDenied(operation: string): Refusal {
  const message = `The user, group or application 'appid=emulator' does not have keys ${operation} permission on key vault 'emulator;location=emulator'.`;
  return new Refusal(403, "Forbidden", message, "AccessDenied");
}

export function operationForbidden(operation: string): Refusal {
  return new Refusal(403, "Forbidden", `Operation ${operation} is not permitted on this key.`, "KeyOperationForbidden");
}

export function keyDisabled(operation: string): Refusal {
  return new Refusal(403, "Forbidden", `Operation ${operation} is not allowed on a disabled key.`, "KeyDisabled");
}

export function keyExpired(operation: string): Refusal {
  return new Refusal(403, "Forbidden", `Operation ${operation} is not allowed on an expired key.`, "KeyExpired");
}

export function keyNotYetValid(operation: string): Refusal {
  return new Refusal(403, "Forbidden", `Operation ${operation} is not allowed on a key that is not yet valid.`, "KeyNotYetValid");
}

export function nameInUse(name: string): Refusal {
  const state = "is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the key can only be";
  return new Refusal(409, "Conflict", `Key ${name} ${state} recovered or purged.`, "ObjectIsDeletedButRecoverable");
}

export function unauthorized(challenge: string, message: string): Refusal {
  return new Refusal(401, "Unauthorized", message, undefined, { "www-authenticate": challenge });
}

export function throttled(): Refusal {
  const message = "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached";
  return new Refusal(429, "Throttled", message, undefined, { "retry-after": "1" });
}

export function serviceUnavailable(): Refusal {
  return new Refusal(503, "ServiceUnavailable", "The service is currently unavailable.");
}
