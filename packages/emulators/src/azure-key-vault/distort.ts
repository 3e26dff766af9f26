import type { HttpAnswer } from "../server/http-server.ts";

interface Answered {
  readonly kid?: string;
  readonly value?: string;
  readonly key?: { readonly kid: string };
}

/** wrong-key: the id names another key of the vault. wrong-length: the value of an operation loses its last byte. */
export function distort(as: "wrong-key" | "wrong-length", answer: HttpAnswer): HttpAnswer {
  if (answer.status !== 200 || typeof answer.body !== "object" || answer.body === null) return answer;
  const body: Answered = answer.body;
  return { ...answer, body: as === "wrong-key" ? ofAnotherKey(body) : shorter(body) };
}

function ofAnotherKey(body: Answered): Answered {
  if (body.key !== undefined) return { ...body, key: { ...body.key, kid: another(body.key.kid) } };
  return body.kid === undefined ? body : { ...body, kid: another(body.kid) };
}

function another(kid: string): string {
  return kid.replace(/\/keys\/[^/]+/, "/keys/another-key");
}

function shorter(body: Answered): Answered {
  if (typeof body.value !== "string") return body;
  return { ...body, value: Buffer.from(body.value, "base64url").subarray(0, -1).toString("base64url") };
}
