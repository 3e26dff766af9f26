import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { explanation } from "../src/doctor/explanation.ts";
import { letterlockIn, sharedFolder } from "./letterlock-command.ts";

/** As long as tokens are, in alphabets that they have: base64 with a slash in every part of 40 characters, dots between the parts of a JWT. */
const secrets = {
  "a session token": "IQoJb3JpZ2luX2VjEAAaCXVz/LWVhc3QtMSJHMEUCIQDo/AAAAbbbbCCCCddddEEEEffff/GGGGhhhh==",
  "a JWT": "eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJodHRwczovL3ZhdWx0In0.c2lnbmF0dXJlLXNpZ25hdHVyZS1z",
  "a token of Vault": "hvs.CAESIJ1vVbQbVbQbVbQbVbQb",
  "24 bytes in base64": "Zm9vYmFyYmF6/+oZm9vYmFyYmF6Zm9v",
};

describe("what doctor quotes of a provider", () => {
  it.each(Object.entries(secrets))("holds no part of %s", (_, secret) => {
    const error = new Error(`blocked by policy 7: {"token":"${secret}"}`);
    const line = explanation({ operation: "wrap", status: "access-denied", permittedOnly: false, error }, undefined, "vault-transit");
    expect(line).toBe('the credentials may not do this (the provider says: blocked by policy 7: {"token":"..."})');
  });
});

describe("letterlock doctor behind a gateway that quotes the request in its 403", { timeout: 60_000 }, () => {
  const folder = sharedFolder();
  const bodies: string[] = [];
  let gateway: Server;
  let address = "";
  beforeAll(async () => {
    gateway = createServer(async (request, response) => {
      let body = "";
      for await (const chunk of request) body += String(chunk);
      bodies.push(body);
      response.writeHead(403, { "content-type": "application/x-amz-json-1.1" });
      const message = `blocked ${body} for ${request.headers["x-amz-security-token"] ?? request.headers["x-vault-token"]}`;
      response.end(JSON.stringify({ __type: "AccessDeniedException", message, errors: [message] }));
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    address = `127.0.0.1:${(gateway.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    gateway.closeAllConnections();
    gateway.close();
  });

  it.each([
    ["aws-kms", () => "aws-kms://arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
    ["vault-transit", () => `vault-transit://${address}/transit/app?tls=false`],
  ])("shows neither a token nor a data key: %s", async (_, kek) => {
    bodies.length = 0;
    const environment = {
      AWS_ACCESS_KEY_ID: "AKIATEST",
      AWS_SECRET_ACCESS_KEY: "secret-access-key",
      AWS_SESSION_TOKEN: secrets["a session token"],
      AWS_ENDPOINT_URL_KMS: `http://${address}`,
      VAULT_TOKEN: secrets["a token of Vault"],
    };
    const { status, stdout, stderr } = await letterlockIn(folder, environment)("doctor", kek(), "--debug");
    const shown = stdout + stderr;
    expect(shown).toContain("access-denied");
    for (const secret of Object.values(secrets)) {
      for (const part of secret.match(/.{12}/g) ?? []) expect(shown).not.toContain(part);
    }
    const sent = bodies.flatMap((body) => Object.values(JSON.parse(body === "" ? "{}" : body) as Record<string, unknown>));
    const long = sent.filter((value): value is string => typeof value === "string" && value.length >= 40 && !value.startsWith("arn:"));
    for (const value of long) expect(shown).not.toContain(value.slice(0, 12));
    expect(bodies.length).toBeGreaterThan(0);
    expect(status).toBe(4);
  });
});
