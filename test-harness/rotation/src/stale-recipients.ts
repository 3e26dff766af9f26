import { inspect, type KekUnwrapper, type Recipient } from "@letterlock/core";

/** The recipients of an object that the KEK owns and that do not name this version: read from the header alone, without a call. */
export function staleRecipients(object: Uint8Array, kek: KekUnwrapper, version: string): Recipient[] {
  return recipientsOf(object).filter((one) => one.provider === kek.provider && kek.owns(one) && one.keyVersion !== version);
}

export function recipientsOf(object: Uint8Array): readonly Recipient[] {
  const info = inspect(object);
  return info.type === "record" ? [] : info.header.recipients;
}
