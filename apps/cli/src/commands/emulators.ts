import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { machineReadable, shellLines } from "../emulators/emulated-services.ts";
import { type Listening, portCount, startEmulators } from "../emulators/start-emulators.ts";
import type { ExitStatus } from "../exit-status.ts";
import { usage } from "../failure.ts";
import { untilInterrupted } from "../interrupt.ts";
import { withPackages } from "../keks/optional-packages.ts";
import { isLoopback } from "../keks/uri-authority.ts";
import { createReport, type ReportOptions } from "../terminal/report.ts";

export interface EmulatorsOptions extends ReportOptions {
  readonly portBase?: string;
  readonly host?: string;
  readonly allowRemote?: boolean;
}

const defaultPortBase = 47_300;

/** Runs until it is interrupted, which is its normal end: status 0. */
export async function emulators(options: EmulatorsOptions): Promise<ExitStatus> {
  const listening = listeningOf(options);
  const report = createReport(options);
  const services = await withPackages(["@letterlock/emulators"], "the emulators are in a package that is", () => startEmulators(listening));
  const folder = await mkdtemp(join(tmpdir(), "letterlock-emulators-"));
  try {
    const certificate = join(folder, "azure-key-vault.pem");
    await writeFile(certificate, services.certificate);
    const printed = { keks: services.keks, environment: { ...services.environment, NODE_EXTRA_CA_CERTS: certificate } };
    const interrupted = untilInterrupted();
    report.result(shellLines(printed), machineReadable(printed), "always");
    await interrupted;
  } finally {
    await services.close();
    await rm(folder, { recursive: true, force: true });
  }
  return 0;
}

function listeningOf({ portBase, host = "127.0.0.1", allowRemote = false }: EmulatorsOptions): Listening {
  const base = portBase === undefined ? defaultPortBase : Number(portBase);
  if (portBase !== undefined && (!/^\d{1,5}$/.test(portBase) || base + portCount > 65_536)) {
    throw usage(`--port-base ${portBase}: write the first of ${portCount} ports, or 0 for any that are free`);
  }
  if (!allowRemote && !isLoopback(host === "::1" ? "[::1]" : host)) {
    throw usage(`--host ${host} can be reached from other machines, and an emulator keeps no secret: add --allow-remote if that is meant`);
  }
  return { portBase: base, host, allowRemote };
}
