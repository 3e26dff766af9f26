import { type Kek, seal } from "@letterlock/core";
import { capturedCall } from "./captured-call.ts";
import type { CaseSettings } from "./conformance-case.ts";
import { eventually } from "./eventually.ts";
import { succeeded } from "./settled.ts";
import { newDataKey, type Specimen, specimen, tenant, wrap } from "./specimen.ts";
import type { Trial } from "./trial.ts";

/** What the members of a KEK say about the version in use; undefined where they do not tell. */
export interface Versions {
  readonly wrap: string | undefined;
  readonly generate: string | undefined;
  readonly currentVersion: string | undefined;
}

/** Key a was rotated once, between `before` and `after`. */
export interface Rotation {
  readonly before: Pick<Specimen, "dataKey" | "call" | "recipient">;
  readonly after: Pick<Specimen, "dataKey" | "call" | "recipient">;
  /** A message that was sealed before. */
  readonly envelope: Uint8Array;
  readonly from: Versions;
  readonly to: Versions;
}

export const rotatedMessage: Uint8Array = new TextEncoder().encode("sealed before the rotation");
const rotations = new WeakMap<CaseSettings, Promise<Rotation>>();

/** Rotates once in a run, because providers limit how often a key may be rotated. A rotation that failed is tried again by the next case. */
export function rotation(trial: Trial): Promise<Rotation> {
  const { settings } = trial;
  const known = rotations.get(settings);
  if (known !== undefined) return known;
  const rotating = rotate(trial);
  rotations.set(settings, rotating);
  rotating.catch(() => rotations.delete(settings));
  return rotating;
}

export function moved(from: Versions, to: Versions, member: keyof Versions): boolean {
  return from[member] === undefined || (to[member] !== undefined && to[member] !== from[member]);
}

async function rotate(trial: Trial): Promise<Rotation> {
  const before = await specimen(trial);
  const envelope = await seal(rotatedMessage, [before.wrapper], { context: tenant, signal: trial.signal });
  const from = await versions(trial);
  await trial.subject.rotate?.();
  let to = from;
  await eventually(trial, async () => {
    to = await versions(trial);
    return (["wrap", "generate", "currentVersion"] as const).every((member) => moved(from, to, member)) || undefined;
  });
  const after = await specimen(trial);
  return { before: data(before), after: data(after), envelope, from, to };
}

/** Of a new instance, which has remembered nothing. */
async function versions(trial: Trial): Promise<Versions> {
  const kek: Partial<Kek> & Awaited<ReturnType<Trial["wrapper"]>> = await trial.wrapper();
  const call = await capturedCall({ context: tenant });
  const { keyVersion } = await wrap(trial, kek, newDataKey(), call);
  const generated = kek.generate === undefined ? undefined : await succeeded(trial, kek, "generate", async () => kek.generate?.(call));
  generated?.dataKey.fill(0);
  const current =
    kek.currentVersion === undefined ? undefined : await succeeded(trial, kek, "currentVersion", async () => kek.currentVersion?.(call));
  return { wrap: keyVersion, generate: generated?.keyVersion, currentVersion: current };
}

function data({ dataKey, call, recipient }: Specimen): Rotation["before"] {
  return { dataKey, call, recipient };
}
