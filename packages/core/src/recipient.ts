import { Buffer } from "node:buffer";
import { type Bytes, copy } from "./bytes.ts";
import { byteOrder, isVisible } from "./cursor.ts";
import type { KekIdentity, Recipient, Wrapped } from "./kek.ts";

export interface StoredRecipient extends Recipient {
  /** plen || provider || rlen || keyRef: what sorting, the duplicate check and the mac use. */
  readonly id: Uint8Array;
  readonly keyVersion: string | undefined;
}

/** plen || provider || rlen || keyRef (SPEC 3.2). Both are ASCII by then. */
export function recipientId(provider: string, keyRef: string): Bytes {
  return new Uint8Array(
    Buffer.from(`${String.fromCharCode(provider.length)}${provider}${String.fromCharCode(keyRef.length)}${keyRef}`, "latin1"),
  );
}

export function isProviderName(provider: unknown): provider is string {
  return typeof provider === "string" && provider.length <= 32 && /^[a-z][a-z0-9-]*$/.test(provider);
}

export function isKeyRef(keyRef: unknown): keyRef is string {
  return typeof keyRef === "string" && keyRef.length >= 1 && keyRef.length <= 255 && isVisible(keyRef);
}

/** `wrapped` is core's own copy; it may lie in node's pool, and never leaves core without another copy. */
export interface StoredWrapped {
  readonly wrapped: Uint8Array;
  readonly keyVersion: string | undefined;
}

/** undefined where the KEK returned something that no header can hold: "provider-error" then. */
export function readWrapped(value: unknown): StoredWrapped | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { wrapped, keyVersion } = value as Wrapped;
  if (!(wrapped instanceof Uint8Array) || wrapped.length < 1 || wrapped.length > 2048) return undefined;
  if (keyVersion === undefined || keyVersion === "") return { wrapped: Buffer.from(wrapped), keyVersion: undefined };
  if (typeof keyVersion !== "string" || keyVersion.length > 255 || !isVisible(keyVersion)) return undefined;
  return { wrapped: Buffer.from(wrapped), keyVersion };
}

export function storedRecipient(kek: Pick<KekIdentity, "provider" | "keyRef">, wrapped: StoredWrapped): StoredRecipient {
  return { id: recipientId(kek.provider, kek.keyRef), provider: kek.provider, keyRef: kek.keyRef, ...wrapped };
}

/** What leaves core: without the id, and `wrapped` in a buffer of its own. */
export function publicRecipient({ provider, keyRef, keyVersion, wrapped }: StoredRecipient): Recipient {
  return { provider, keyRef, keyVersion, wrapped: copy(wrapped) };
}

export function sortRecipients(recipients: readonly StoredRecipient[]): readonly StoredRecipient[] {
  return recipients.toSorted((a, b) => byteOrder(a.id, b.id));
}
