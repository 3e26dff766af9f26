import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { carriersOf } from "../src/carries-secret.ts";

const secret = randomBytes(32);
const wrapped = (before: number): Buffer => Buffer.concat([randomBytes(before), secret, randomBytes(5)]);
const body = (requestBody: Buffer, responseBody = Buffer.alloc(0)) => [
  { path: "/v1/transit/decrypt/app", headers: {}, status: 200, requestBody, responseBody },
];

describe("the search for a secret", () => {
  test.each<[string, string | Buffer]>([
    ["bytes", wrapped(3)],
    ["hex", wrapped(1).toString("hex")],
    ["hex in capitals", wrapped(1).toString("hex").toUpperCase()],
    ...[0, 1, 2, 3, 4, 5].flatMap((before): [string, string][] => [
      [`base64 behind ${before} bytes`, wrapped(before).toString("base64")],
      [`base64url behind ${before} bytes`, wrapped(before).toString("base64url")],
    ]),
    ["base64 of nothing else", secret.toString("base64")],
  ])("finds %s", (_what, text) => {
    expect(carriersOf(secret, body(Buffer.from(text)))).toEqual(["decrypt, request"]);
    expect(carriersOf(secret, body(Buffer.alloc(0), Buffer.from(text)))).toEqual(["decrypt, response"]);
  });

  test("finds nothing where another secret is", () => {
    expect(carriersOf(randomBytes(32), body(wrapped(0), Buffer.from(secret.toString("base64"))))).toEqual([]);
  });
});
