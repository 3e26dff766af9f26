import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { preparePip } from "./installation.ts";
import { findPython, pythonMissing } from "./python.ts";
import { runCommand } from "./run-command.ts";
import { pipFolder, requirementsFile, wantedFile } from "./server-folder.ts";
import { descriptions, newestPython, type PythonVersion, type ServerName } from "./server-name.ts";

/** The part of pip's installation report that is pinned. */
interface Report {
  readonly install: readonly {
    readonly metadata: { readonly name: string; readonly version: string };
    readonly download_info: { readonly archive_info: { readonly hashes: { readonly sha256: string } } };
  }[];
}

/**
 * Writes the requirement file of a server anew: what the wanted packages need, with the hashes of the wheels for Linux on x86-64 and every supported
 * Python. A package that the file lists already keeps its version; delete its lines to let it move. Resolves to a line for people.
 */
export async function pinRequirements(name: ServerName): Promise<string> {
  const { python: oldest } = descriptions[name];
  const python = await findPython(newestPython).then((newest) => newest ?? findPython(oldest));
  if (python === undefined) throw new Error(pythonMissing(oldest));
  await preparePip(python);
  const folder = mkdtempSync(join(tmpdir(), "letterlock-pin-"));
  try {
    const constraints = join(folder, "constraints.txt");
    writeFileSync(constraints, versionsIn(readFileSync(requirementsFile(name), "utf8")));
    const reports: Report[] = [];
    for (let target = oldest; target <= newestPython; target++) {
      reports.push(await resolveFor(name, target, { pip: join(pipFolder(python.version), "bin", "python"), constraints, folder }));
    }
    const pinned = requirementLines(reports);
    writeFileSync(requirementsFile(name), `${pinned.join("\n")}\n`);
    return `${descriptions[name].title}: ${pinned.length} packages for Python 3.${oldest} to 3.${newestPython}`;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function resolveFor(
  name: ServerName,
  target: PythonVersion,
  { pip, constraints, folder }: { readonly pip: string; readonly constraints: string; readonly folder: string },
): Promise<Report> {
  const report = join(folder, `report-${target}.json`);
  const platforms = ["manylinux_2_28_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"].flatMap((platform) => [
    "--platform",
    platform,
  ]);
  const { ok, output } = await runCommand(pip, [
    ...[
      "-m",
      "pip",
      "install",
      "--quiet",
      "--disable-pip-version-check",
      "--no-input",
      "--dry-run",
      "--ignore-installed",
      "--report",
      report,
    ],
    ...["--target", join(folder, "target"), "--python-version", `3.${target}`, ...platforms, "--only-binary", ":all:"],
    ...["--constraint", constraints, "--requirement", wantedFile(name)],
  ]);
  if (!ok) throw new Error(`pip finds no packages for ${name} on Python 3.${target}:\n${output}`);
  return JSON.parse(readFileSync(report, "utf8")) as Report;
}

function versionsIn(requirements: string): string {
  return (requirements.match(/^[^\s#=]+==[^\s;\\]+/gm) ?? []).join("\n");
}

function requirementLines(reports: readonly Report[]): string[] {
  const hashes = new Map<string, Set<string>>();
  for (const { metadata, download_info } of reports.flatMap(({ install }) => install)) {
    const requirement = `${metadata.name.toLowerCase().replaceAll(/[-_.]+/g, "-")}==${metadata.version}`;
    hashes.set(requirement, (hashes.get(requirement) ?? new Set()).add(download_info.archive_info.hashes.sha256));
  }
  return [...hashes]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([requirement, ofWheels]) => [requirement, ...[...ofWheels].sort().map((hash) => `--hash=sha256:${hash}`)].join(" \\\n    "));
}
