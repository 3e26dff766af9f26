import { Buffer } from "node:buffer";
import type { HttpAnswer } from "../server/http-server.ts";
import { type Fields, isMap } from "./fields.ts";

/** The answer under the name of another key, which is of the same place and kind. */
export function underAnotherKey(answer: HttpAnswer): HttpAnswer {
  return changed(answer, (body) => ({
    ...body,
    ...renamed(body, ["KeyId", "SourceKeyId", "Arn"]),
    ...(isMap(body.KeyMetadata) && { KeyMetadata: { ...body.KeyMetadata, ...renamed(body.KeyMetadata, ["KeyId", "Arn"]) } }),
  }));
}

/** The first of these values that the answer has, without its last byte. */
export function oneByteLess(answer: HttpAnswer): HttpAnswer {
  return changed(answer, (body) => {
    const name = ["Plaintext", "CiphertextBlob", "PublicKey"].find((candidate) => typeof body[candidate] === "string");
    if (name === undefined) return body;
    return { ...body, [name]: Buffer.from(String(body[name]), "base64").subarray(0, -1).toString("base64") };
  });
}

function changed(answer: HttpAnswer, change: (body: Fields) => Fields): HttpAnswer {
  return answer.status === 200 && isMap(answer.body) ? { ...answer, body: change(answer.body) } : answer;
}

function renamed(body: Fields, names: readonly string[]): Fields {
  const present = names.filter((name) => typeof body[name] === "string");
  return Object.fromEntries(present.map((name) => [name, anotherId(String(body[name]))]));
}

function anotherId(id: string): string {
  return id.slice(0, -1) + (id.endsWith("0") ? "1" : "0");
}
