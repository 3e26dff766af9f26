import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer as createHttpServer, type RequestListener } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { LetterlockError } from "@letterlock/core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { causeLines, errorReport } from "../src/error-report.ts";
import { unreachedByTls } from "../src/keks/tls-fault.ts";
import { letterlockIn, sharedFolder } from "./letterlock-command.ts";

const token = "hvs.CAESIJ1vVbQbVbQbVbQbVbQb";
const folder = sharedFolder();
const forgotten: RequestListener = (_request, response) => response.writeHead(400).end();
const servers: ReturnType<typeof createHttpServer>[] = [];

function certificate(name: string, subject: string): { readonly cert: string; readonly key: string } {
  const [key, cert] = [join(folder, `${name}.key`), join(folder, `${name}.crt`)];
  const words = [
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=vault",
    "-addext",
    `subjectAltName=${subject}`,
  ];
  execFileSync("openssl", [...words, "-keyout", key, "-out", cert], { stdio: "pipe" });
  return { cert, key };
}

async function listening(server: ReturnType<typeof createHttpServer>): Promise<string> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterAll(() => {
  for (const server of servers) server.close();
});

describe("a Vault that TLS does not reach", { timeout: 60_000 }, () => {
  const hosts = { plain: "", unknown: "", other: "" };
  const environments = { plain: {}, unknown: {}, other: { NODE_EXTRA_CA_CERTS: join(folder, "other.crt") } };
  beforeAll(async () => {
    writeFileSync(join(folder, "a.txt"), "hello");
    hosts.plain = await listening(createHttpServer(forgotten));
    for (const [name, subject] of [
      ["unknown", "IP:127.0.0.1"],
      ["other", "DNS:vault.example.com"],
    ] as const) {
      const { cert, key } = certificate(name, subject);
      hosts[name] = await listening(createHttpsServer({ cert: readFileSync(cert), key: readFileSync(key) }, forgotten));
    }
  }, 60_000);

  it.each<[keyof typeof hosts, string, string]>([
    ["plain", "the server at HOST does not speak TLS: for a Vault on this machine add ?tls=false", "ERR_SSL_"],
    [
      "unknown",
      "nobody here trusts who signed the certificate of the server at HOST: set NODE_EXTRA_CA_CERTS",
      "DEPTH_ZERO_SELF_SIGNED_CERT",
    ],
    ["other", "the certificate of the server at HOST is for another host", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ])("is told with what to do: %s", async (name, sentence, code) => {
    const said = sentence.replace("HOST", hosts[name]);
    const kek = `vault-transit://${hosts[name]}/transit/app`;
    const run = letterlockIn(folder, { VAULT_TOKEN: token, ...environments[name] });
    const asked = await run("doctor", kek);
    expect(asked.stdout).toContain(`provider-error wrap, unwrap, currentVersion: ${said}`);
    expect(asked.stdout).toContain(code);
    expect(asked.stderr).toContain(`cannot wrap, unwrap, currentVersion: ${said}`);
    expect(asked.status).toBe(4);
    const sealing = await run("encrypt", "a.txt", "--to", kek, "--debug");
    expect(sealing.stderr).toContain(`letterlock: a.txt: provider-error: vault-transit transit/app could not wrap: ${said}`);
    expect(sealing.stderr).toMatch(new RegExp(`caused by VaultError ${code}\\w*: vault could not be asked for transit/`));
    expect(asked.stdout + asked.stderr + sealing.stderr).not.toContain("hvs.");
    expect(sealing.status).toBe(4);
  });
});

describe("a migration to a Vault that TLS does not reach", { timeout: 60_000 }, () => {
  it("says once why, whatever the number of objects", async () => {
    const host = await listening(createHttpServer(forgotten));
    const run = letterlockIn(folder, { VAULT_TOKEN: token });
    await run("keygen", "--name", "old", "-o", "old.key");
    for (const name of ["1", "2", "3"]) writeFileSync(join(folder, `${name}.m`), name);
    mkdirSync(join(folder, "sealed"));
    for (const name of ["1", "2", "3"]) await run("encrypt", `${name}.m`, "--to", "local:old.key", "-o", `sealed/${name}.ltrl`);
    const keks = { old: "local:old.key", new: `vault-transit://${host}/transit/app` };
    const stores = { files: { type: "files", folder: "sealed" } };
    writeFileSync(join(folder, "c.json"), JSON.stringify({ keks, from: ["old"], to: ["new"], stores }));
    for (const step of ["plan", "run"]) {
      const { status, stdout, stderr } = await run("migrate", step, "--config", "c.json");
      const said = `vault-transit transit/app: the server at ${host} does not speak TLS: for a Vault on this machine add ?tls=false`;
      expect(stderr.split(said), stderr).toHaveLength(2);
      expect(stdout + stderr).not.toContain("hvs.");
      expect(status).toBe(5);
    }
  });
});

const failed = (code: "provider-error" | "unavailable" | "access-denied", cause: unknown): LetterlockError =>
  new LetterlockError(code, "gcp-kms k could not wrap: the provider failed, see cause", { provider: "gcp-kms", cause });

describe("what is said of a provider that failed", () => {
  it.each([
    ["14 UNAVAILABLE: No connection established. Last error: Error: self-signed certificate in certificate chain", "nobody here trusts"],
    ["14 UNAVAILABLE: Last error: Error: unable to verify the first certificate", "nobody here trusts"],
    ["certificate has expired", "has expired, or the clock here is wrong"],
    ["Hostname/IP does not match certificate's altnames: Host: a. is not in the cert's altnames: DNS:b", "is for another host"],
    ["write EPROTO 80:error:0A00010B:SSL routines:ssl3_get_record:wrong version number", "does not speak TLS: check the address"],
  ])("is about TLS where only words tell: %s", (message, said) => {
    const { exitStatus, message: line } = errorReport(failed("unavailable", new Error("outer", { cause: new Error(message) })));
    expect(line).toContain(said);
    expect(line).not.toMatch(/see cause|later/);
    expect(exitStatus).toBe(4);
  });

  it("is not about TLS where the provider answered", () => {
    expect(unreachedByTls("access-denied", "vault-transit", new Error("permission denied: certificate has expired"))).toBeUndefined();
    expect(unreachedByTls("unavailable", "vault-transit", Object.assign(new Error("x"), { code: "ECONNREFUSED" }))).toBeUndefined();
  });

  it("names the code of the cause, and quotes nothing that may hold the request", () => {
    const cause = Object.assign(new Error(`could not read {"token":"${token}"}`), { name: "SomeError", code: "E_ODD_ANSWER" });
    const { exitStatus, message } = errorReport(failed("provider-error", cause));
    expect(message).toBe("provider-error: gcp-kms k could not wrap: the provider failed (E_ODD_ANSWER; --debug shows more)");
    expect(exitStatus).toBe(5);
    expect(causeLines(failed("provider-error", cause))).toEqual(["    caused by SomeError E_ODD_ANSWER"]);
  });
});
