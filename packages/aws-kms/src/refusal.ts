import type { KekErrorCode } from "@letterlock/core";

/** What the adapter refuses by itself: bytes that the service cannot have made, and answers that it was not asked for. Holds nothing of either. */
export class Refusal extends Error {
  readonly code: KekErrorCode;

  constructor(code: KekErrorCode, message: string) {
    super(message);
    this.code = code;
  }
}
