import type { HttpAnswer } from "../server/http-server.ts";

/** An answer of the service that says no. `type` is the word after which the SDK names its error. */
export class AwsKmsError extends Error {
  readonly type: string;
  /** Undefined: the service sends none, and the SDK says "UnknownError". */
  readonly text: string | undefined;

  constructor(type: string, text?: string) {
    super(text ?? type);
    this.type = type;
    this.text = text;
  }
}

/** The errors that the service answers with 500; all others are 400, whatever they mean. */
const serverFaults: ReadonlySet<string> = new Set(["KMSInternalException", "DependencyTimeoutException", "KeyUnavailableException"]);

export function errorAnswer({ type, text }: AwsKmsError): HttpAnswer {
  // The service's authorisation layer spells the member with a capital letter.
  const member = type === "AccessDeniedException" ? "Message" : "message";
  return { status: serverFaults.has(type) ? 500 : 400, body: { __type: type, ...(text !== undefined && { [member]: text }) } };
}

export function validation(text: string): AwsKmsError {
  return new AwsKmsError("ValidationException", text);
}

export function constraint(subject: string, member: string): AwsKmsError {
  return validation(`1 validation error detected: Value ${subject} failed to satisfy constraint: Member must ${member}`);
}
