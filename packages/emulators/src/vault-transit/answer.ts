import { randomUUID } from "node:crypto";
import type { HttpAnswer } from "../server/http-server.ts";
import type { Refusal } from "./refusal.ts";

/** What a path answers with. Undefined instead of one: 204. */
export interface Answer {
  /** 200 by default. */
  readonly status?: number | undefined;
  readonly data?: unknown;
  readonly auth?: unknown;
  readonly warnings?: readonly string[] | undefined;
  /** Some system paths show their data beside the envelope too. */
  readonly spread?: boolean | undefined;
  /** The body as it is, without the envelope. */
  readonly bare?: unknown;
}

const headers = { "cache-control": "no-store" };

export function httpAnswer(answer: Answer | undefined): HttpAnswer {
  if (answer === undefined) return { status: 204, headers };
  const { status = 200, data = null, auth = null, warnings = [], spread = false, bare } = answer;
  if (bare !== undefined) return { status, headers, body: bare };
  return {
    status,
    headers,
    body: {
      ...(spread ? (data as object) : {}),
      request_id: randomUUID(),
      lease_id: "",
      renewable: false,
      lease_duration: 0,
      data,
      wrap_info: null,
      warnings: warnings.length === 0 ? null : warnings,
      auth,
    },
  };
}

export function httpRefusal({ status, errors }: Refusal): HttpAnswer {
  return { status, headers, body: { errors } };
}
