import type { Key, Ring, Version } from "./key-store.ts";

/** google.protobuf.Timestamp and google.protobuf.Duration as they are decoded. */
export interface Moment {
  readonly seconds: string;
  readonly nanos: number;
}

export function timestamp(date: Date | undefined): Moment | null {
  if (date === undefined) return null;
  const ms = date.getTime();
  return { seconds: String(Math.floor(ms / 1000)), nanos: (ms % 1000) * 1e6 };
}

export function ringResource({ name, createTime }: Ring): object {
  return { name, createTime: timestamp(createTime) };
}

/** A key of another purpose has no primary version. */
export function keyResource(key: Key): object {
  const { name, purpose, labels, rotationPeriod, nextRotationTime, protectionLevel, algorithm } = key;
  return {
    name,
    primary: key.primary === undefined ? null : versionResource(key.primary),
    purpose,
    createTime: timestamp(key.createTime),
    nextRotationTime,
    rotationPeriod,
    labels,
    versionTemplate: { protectionLevel, algorithm },
    destroyScheduledDuration: { seconds: String(key.destroyAfterSeconds), nanos: 0 },
  };
}

export function versionResource(version: Version): object {
  const { name, state, protectionLevel, algorithm } = version;
  return {
    name,
    state,
    protectionLevel,
    algorithm,
    createTime: timestamp(version.createTime),
    generateTime: timestamp(version.createTime),
    destroyTime: timestamp(version.destroyTime),
    destroyEventTime: timestamp(version.destroyEventTime),
  };
}
