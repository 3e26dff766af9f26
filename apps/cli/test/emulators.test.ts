import { type ChildProcess, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { ended, letterlock, letterlockIn, start, workFolder } from "./letterlock-command.ts";

interface Printed {
  readonly environment: Readonly<Record<string, string>>;
  readonly unset: readonly string[];
  readonly keks: Readonly<Record<string, string>>;
}

describe("letterlock emulators", { timeout: 60_000 }, () => {
  it("prints what to export and KEKs that work, until it is interrupted", async () => {
    const folder = workFolder();
    const { child, firstOutput } = startEmulators(folder, ["--json"]);
    const end = ended(child);
    const { environment, keks } = JSON.parse(await firstOutput) as Printed;
    const certificate = environment.NODE_EXTRA_CA_CERTS ?? "";
    expect(readFileSync(certificate, "utf8")).toMatch(/^-----BEGIN CERTIFICATE-----/);
    writeFileSync(join(folder, "a.txt"), "hello");
    const run = letterlockIn(folder, environment);
    expect(Object.keys(keks)).toEqual(["AWS_KEK", "GCP_KEK", "AZURE_KEK", "VAULT_KEK"]);
    expect(await run("encrypt", "a.txt", "--to", ...Object.values(keks))).toMatchObject({ status: 0, stderr: "" });
    for (const kek of Object.values(keks)) {
      expect(await run("decrypt", "a.txt.ltrl", "--with", kek, "-o", "-")).toMatchObject({ status: 0, stdout: "hello" });
    }
    child.kill("SIGINT");
    expect(await end).toMatchObject({ status: 0, stderr: "" });
    expect(existsSync(certificate)).toBe(false);
  });

  it.each(["SIGTERM", "SIGHUP"] as const)("ends on %s, without an open port", async (signal) => {
    const { child, firstOutput } = startEmulators(workFolder(), ["--json"]);
    const end = ended(child);
    const { environment } = JSON.parse(await firstOutput) as Printed;
    child.kill(signal);
    expect((await end).status).toBe(0);
    await expect(fetch(environment.AWS_ENDPOINT_URL_KMS ?? "")).rejects.toThrow();
  });

  it("prints lines that a shell can read", async () => {
    const folder = workFolder();
    const { child, firstOutput } = startEmulators(folder, []);
    writeFileSync(join(folder, "env"), await firstOutput);
    const { stdout, stderr } = spawnSync("sh", ["-ec", '. ./env; echo "$AWS_KEK|$VAULT_TOKEN|$AWS_PROFILE"'], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, AWS_PROFILE: "production" },
    });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^aws-kms:\/\/arn:aws:kms:eu-west-1:\d{12}:key\/[0-9a-f-]{36}\|root\|\n$/);
    child.kill("SIGINT");
    await ended(child);
  });

  it("listens where it is told, and says when that is taken", async () => {
    const { server, base } = await fivePortsOfWhichTheLastIsTaken();
    const taken = await letterlock(workFolder(), ["emulators", "--port-base", String(base)]);
    expect(taken.stderr).toContain(`port ${base + 4} is in use: take others with --port-base N, or any free ones with --port-base 0`);
    expect(taken).toMatchObject({ status: 2, stdout: "" });
    await closed(server);
    const { child, firstOutput } = startEmulators(workFolder(), ["--json"], base);
    const { environment } = JSON.parse(await firstOutput) as Printed;
    child.kill("SIGINT");
    await ended(child);
    expect(environment).toMatchObject({
      AWS_ENDPOINT_URL_KMS: `http://127.0.0.1:${base}`,
      LETTERLOCK_GCP_KMS_EMULATOR_HOST: `127.0.0.1:${base + 1}`,
      AZURE_AUTHORITY_HOST: `https://127.0.0.1:${base + 3}`,
    });
  });

  it.each([
    [["--host", "0.0.0.0"], "--host 0.0.0.0 can be reached from other machines, and an emulator keeps no secret: add --allow-remote"],
    [["--host", "::"], "add --allow-remote"],
    [["--host", "192.0.2.1", "--allow-remote"], "--host 192.0.2.1 is no address of this machine"],
    [["--port-base", "65535"], "write the first of 5 ports"],
    [["--port-base", "-1"], "write the first of 5 ports"],
    [["--port-base", "http"], "write the first of 5 ports"],
  ])("%j is refused", async (words, message) => {
    const { status, stderr } = await letterlock(workFolder(), ["emulators", ...words]);
    expect(stderr).toContain(message);
    expect(status).toBe(2);
  });

  it("lets others in when that is meant, and tells this machine its own address", async () => {
    const { child, firstOutput } = startEmulators(workFolder(), ["--json", "--host", "0.0.0.0", "--allow-remote"]);
    const { environment, keks } = JSON.parse(await firstOutput) as Printed;
    expect(environment.AWS_ENDPOINT_URL_KMS).toMatch(/^http:\/\/127\.0\.0\.1:/);
    expect(keks.AZURE_KEK).toMatch(/^azure-key-vault:\/\/127\.0\.0\.1:/);
    child.kill("SIGINT");
    expect((await ended(child)).status).toBe(0);
  });
});

function startEmulators(
  folder: string,
  words: readonly string[],
  portBase = 0,
): { readonly child: ChildProcess; readonly firstOutput: Promise<string> } {
  const child = start(["emulators", "--port-base", String(portBase), ...words], folder);
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const firstOutput = new Promise<string>((resolve, reject) => {
    child.stdout?.once("data", (chunk: Buffer) => resolve(chunk.toString("utf8")));
    child.once("close", () => reject(new Error("it ended without a word")));
  });
  return { child, firstOutput };
}

/** Five ports, free when this asks, below those that the system gives away; the last one is listened on. */
async function fivePortsOfWhichTheLastIsTaken(): Promise<{ readonly server: Server; readonly base: number }> {
  for (;;) {
    const base = 20_000 + Math.floor(Math.random() * 10_000);
    const servers = await Promise.allSettled([0, 1, 2, 3, 4].map((index) => listening(base + index)));
    const [server, ...others] = servers.flatMap((result) => (result.status === "fulfilled" ? [result.value] : [])).reverse();
    for (const other of others) await closed(other);
    if (server !== undefined && others.length === 4) return { server, base };
    if (server !== undefined) await closed(server);
  }
}

function listening(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject).listen(port, "127.0.0.1", () => resolve(server));
  });
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
