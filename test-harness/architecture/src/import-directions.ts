import type { Module } from "./module.ts";
import { target } from "./module.ts";

/** Which packages of ours the sources of a package may import: the arrows of ARCHITECTURE.md. A package that is not named here may import nothing. */
const arrows: Readonly<Record<string, readonly string[] | "everything">> = {
  "packages/core": [],
  "packages/aws-kms": ["core"],
  "packages/gcp-kms": ["core"],
  "packages/azure-key-vault": ["core"],
  "packages/vault-transit": ["core"],
  "packages/resilience": ["core"],
  "packages/telemetry": ["core"],
  "packages/keyring": ["core"],
  "packages/conformance": ["core"],
  "packages/migrate": ["core"],
  "packages/emulators": [],
  "apps/cli": "everything",
};

/** What core may use of Node. A new one is a decision: it is what a port to another runtime must provide. */
const builtinsOfCore = ["node:buffer", "node:crypto", "node:util"];

export function importDirections(modules: readonly Module[]): string[] {
  return modules.flatMap((module) => module.imports.flatMap((name) => refusal(module, name) ?? []));
}

function refusal(module: Module, name: string): string | undefined {
  const { path, home, inSource } = module;
  if (name.startsWith(".")) return relative(module, name);
  const [, ours, subpath] = /^@letterlock\/([^/]+)(\/.+)?$/.exec(name) ?? [];
  if (ours !== undefined) {
    if (subpath?.startsWith("/src") === true) return `${path} imports ${name}, past what the package exports`;
    const allowed = home.startsWith("test-harness/") || !inSource ? "everything" : (arrows[home] ?? []);
    return allowed === "everything" || allowed.includes(ours) ? undefined : `${path} imports ${name}, against the arrows`;
  }
  if (inSource && home === "packages/core" && !builtinsOfCore.includes(name)) {
    return `${path} imports ${name}; core uses ${builtinsOfCore.join(", ")} and nothing else`;
  }
  return /^(fs|path|crypto|stream|util|os|child_process)(\/|$)/.test(name) ? `${path} imports ${name} without node:` : undefined;
}

function relative(module: Module, name: string): string | undefined {
  const to = target(module, name);
  if (!to.startsWith(`${module.home}/`)) return `${module.path} imports ${name}, a file of another package`;
  if (module.inSource && to.startsWith(`${module.home}/test/`)) return `${module.path} imports ${name}, a test`;
  return /\.(ts|json)$/.test(to) ? undefined : `${module.path} imports ${name} without its extension`;
}
