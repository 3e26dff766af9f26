/** An error that Vault answers with. Thrown anywhere below the service, and turned into an answer there. */
export class Refusal extends Error {
  readonly status: number;
  readonly errors: readonly string[];

  constructor(status: number, text?: string) {
    super(text ?? `status ${status}`);
    this.status = status;
    this.errors = text === undefined ? [] : [text];
  }
}

/** What Go's multierror makes of one error. */
export function oneError(text: string): string {
  return `1 error occurred:\n\t* ${text}\n\n`;
}

export const permissionDenied: string = oneError("permission denied");
/** The text for a token that is missing, unknown, expired, revoked or used up: not wrapped, which is the only difference. */
export const tokenRefused = "permission denied";

export function unsupportedPath(): Refusal {
  return new Refusal(404, oneError("unsupported path"));
}

export function unsupportedOperation(): Refusal {
  return new Refusal(405, oneError("unsupported operation"));
}
