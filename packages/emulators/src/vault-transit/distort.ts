import type { HttpAnswer } from "../server/http-server.ts";

type Data = Record<string, unknown>;

/** One way in which an answer of Transit is wrong. Only `keys/NAME` says which key it speaks of. */
export function distort(as: "wrong-key" | "wrong-length", answer: HttpAnswer): HttpAnswer {
  const body = answer.body as { readonly data?: Data | null } | undefined;
  if (answer.status !== 200 || typeof body !== "object" || typeof body.data !== "object" || body.data === null) return answer;
  const change = as === "wrong-key" ? renamed : shortened;
  const { batch_results: results } = body.data;
  const data = Array.isArray(results) ? { batch_results: results.map((item: Data) => change(item)) } : change(body.data);
  return { ...answer, body: { ...body, data } };
}

function renamed(data: Data): Data {
  return typeof data.name === "string" ? { ...data, name: `${data.name}-other` } : data;
}

function shortened(data: Data): Data {
  const { plaintext, ciphertext } = data;
  return {
    ...data,
    ...(typeof plaintext === "string" ? { plaintext: oneByteLess(plaintext) } : {}),
    ...(typeof ciphertext === "string" ? { ciphertext: ciphertext.replace(/[^:]*$/, oneByteLess) } : {}),
  };
}

function oneByteLess(text: string): string {
  return Buffer.from(text, "base64").subarray(0, -1).toString("base64");
}
