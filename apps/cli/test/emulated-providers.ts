import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll } from "vitest";
import type { EmulatedServices } from "../src/emulators/emulated-services.ts";
import { startEmulators } from "../src/emulators/start-emulators.ts";

/** The four providers in this process for the tests of a file, and the environment in which the command finds them. */
export interface EmulatedProviders extends EmulatedServices {
  readonly environment: Readonly<Record<string, string>>;
}

export function emulatedProviders(): { readonly providers: EmulatedProviders } {
  const folder = mkdtempSync(join(tmpdir(), "letterlock-providers-"));
  const certificate = join(folder, "azure-key-vault.pem");
  let started: EmulatedProviders | undefined;
  beforeAll(async () => {
    const services = await startEmulators({ host: "127.0.0.1", allowRemote: false, portBase: 0 });
    writeFileSync(certificate, services.certificate);
    started = { ...services, environment: { ...services.environment, NODE_EXTRA_CA_CERTS: certificate } };
  }, 60_000);
  afterAll(async () => {
    await started?.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get providers() {
      if (started === undefined) throw new Error("the emulators start before the first test");
      return started;
    },
  };
}
