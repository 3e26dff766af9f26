import { inspect, LetterlockError } from "@letterlock/core";

/** As the record names it. "malformed" for anything but a record. */
export function keyIdOf(record: Uint8Array): string {
  const info = inspect(record);
  if (info.type === "record") return info.keyId;
  throw new LetterlockError("malformed", `a ring opens records, and this is an object of type ${info.type}`);
}
