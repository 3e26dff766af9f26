import type { TextFile } from "./repository.ts";

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly sideEffects?: boolean;
  readonly private?: boolean;
}

/** What each package makes its users install, and what it asks them to bring, against the agreed list. */
export function dependencyLists(files: readonly TextFile[], agreed: Readonly<Record<string, readonly string[]>>): string[] {
  const manifests = manifestsIn(files);
  const gone = Object.keys(agreed).filter((name) => !manifests.some((manifest) => manifest.name === name));
  return [
    ...gone.map((name) => `${name} is in the list and not in the repository`),
    ...manifests.flatMap((manifest) => differences(manifest, agreed[manifest.name] ?? [])),
  ];
}

/** Bundlers may drop what is not used, because nothing runs on import. */
export function sideEffects(files: readonly TextFile[]): string[] {
  return manifestsIn(files)
    .filter((manifest) => manifest.private !== true && manifest.sideEffects !== false)
    .map(({ name }) => `${name} does not say "sideEffects": false`);
}

function manifestsIn(files: readonly TextFile[]): Manifest[] {
  return files
    .filter(({ path }) => /^(packages|apps|test-harness)\/[^/]+\/package\.json$/.test(path))
    .map(({ text }) => JSON.parse(text) as Manifest);
}

function differences({ name, dependencies, peerDependencies, optionalDependencies }: Manifest, agreed: readonly string[]): string[] {
  const found = [
    ...Object.keys(dependencies ?? {}),
    ...Object.keys(optionalDependencies ?? {}),
    ...Object.keys(peerDependencies ?? {}).map((peer) => `${peer} (peer)`),
  ];
  return [
    ...found.filter((one) => !agreed.includes(one)).map((one) => `${name} depends on ${one}, which nobody agreed to`),
    ...agreed.filter((one) => !found.includes(one)).map((one) => `${name} no longer depends on ${one}`),
  ];
}
