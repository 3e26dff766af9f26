import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { availableServers, requireServer, serversAreRequired } from "../src/available-servers.ts";
import { startMoto } from "../src/moto.ts";
import { findPython } from "../src/python.ts";
import { requirementsFile, wantedFile } from "../src/server-folder.ts";
import { newestPython, serverNames } from "../src/server-name.ts";

describe.each(serverNames)("the requirements of %s", (name) => {
  const requirements = readFileSync(requirementsFile(name), "utf8").replaceAll(" \\\n", "").trimEnd().split("\n");

  test("pin each package to its version and its hashes, and name no host", () => {
    for (const line of requirements) expect(line).toMatch(/^[a-z0-9-]+==[\w.]+( {4}--hash=sha256:[0-9a-f]{64})+$/);
  });

  test("hold what is wanted", () => {
    for (const [wanted] of readFileSync(wantedFile(name), "utf8").matchAll(/^[\w-]+/gm)) {
      expect(requirements.filter((line) => line.startsWith(`${wanted.toLowerCase()}==`))).toHaveLength(1);
    }
  });
});

describe("in a folder of its own", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "letterlock-servers-"));
    vi.stubEnv("LETTERLOCK_SERVERS_FOLDER", folder);
    vi.stubEnv("LETTERLOCK_SERVERS", "");
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    vi.restoreAllMocks();
    rmSync(folder, { recursive: true });
  });

  function pretendToInstall(hash: string): void {
    mkdirSync(join(folder, "moto", "bin"), { recursive: true });
    symlinkSync(process.execPath, join(folder, "moto", "bin", "python"));
    writeFileSync(join(folder, "moto", "installed"), hash);
  }

  test("nothing is installed at first", () => {
    expect(availableServers().map(({ installed }) => installed)).toEqual([false, false, false]);
  });

  test("a server is installed when its requirements are those of its stamp", () => {
    pretendToInstall(
      createHash("sha256")
        .update(readFileSync(requirementsFile("moto")))
        .digest("hex"),
    );
    expect(availableServers().filter(({ installed }) => installed)).toEqual([{ name: "moto", title: "moto 5.2.3", installed: true }]);
    expect(requireServer("moto")).toBe(true);
  });

  test("a server with other requirements is not", () => {
    pretendToInstall(createHash("sha256").update("other requirements").digest("hex"));
    expect(availableServers().some(({ installed }) => installed)).toBe(false);
  });

  test("a server whose Python is gone is not", () => {
    pretendToInstall(
      createHash("sha256")
        .update(readFileSync(requirementsFile("moto")))
        .digest("hex"),
    );
    rmSync(join(folder, "moto", "bin", "python"));
    expect(availableServers().some(({ installed }) => installed)).toBe(false);
  });

  test("a missing server is told in one line, with how to install it", () => {
    const warn = vi.spyOn(console, "warn").mockReturnValue(undefined);
    expect(requireServer("localstack")).toBe(false);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/^not run: AWS KMS on LocalStack 4\.14\.0, .*npm run servers:install/)]]);
  });

  test("a missing server is an error where servers are required", () => {
    vi.stubEnv("LETTERLOCK_SERVERS", "required");
    expect(() => requireServer("openbao")).toThrow("OpenBao 2.7.2, which is not installed");
  });

  test("a wish that is not understood is an error", () => {
    vi.stubEnv("LETTERLOCK_SERVERS", "yes");
    expect(() => serversAreRequired()).toThrow(RangeError);
  });

  test("a missing server does not start", async () => {
    await expect(startMoto()).rejects.toThrow("moto 5.2.3 is not installed: run npm run servers:install");
  });
});

test("a Python that does not exist is not found", async () => {
  expect(await findPython(newestPython + 1)).toBeUndefined();
});
