import type { Kek, KekCall, KekUnwrapper, KekWrapper } from "@letterlock/core";
import { base64, dataKeyOf, requireCiphertext, wrappedOf } from "./ciphertext.ts";
import { examineKey, keptMs, type VaultKeyCheck, versionOfKey } from "./key-check.ts";
import { readOptions, type VaultTransitOptions } from "./options.ts";
import { remembered } from "./remembered.ts";
import { requireData } from "./transport.ts";
import { errorCode, retryAfterMs } from "./vault-error.ts";

/** A KEK in Vault Transit that can also tell its version. */
export interface VaultTransitKek extends Kek {
  currentVersion: NonNullable<KekWrapper["currentVersion"]>;
  /** Of derived keys alone: Vault's rewrap knows no associated_data. */
  rewrap?: NonNullable<KekUnwrapper["rewrap"]>;
}

/**
 * A key of the Transit engine of HashiCorp Vault or OpenBao, of a type with authenticated encryption. A = SPEC section 4 binds the data key: as
 * `associated_data`, or as `context` where the key is derived. Before its first use the key is looked at, once: that it exists, because encryption would
 * make it, and that it is derived or not, because a key that is not ignores `context`. A token that may not look is believed, for a minute at a time: see `checkVaultKey`.
 */
export function vaultTransit(options: VaultTransitOptions): VaultTransitKek {
  const configured = readOptions(options);
  const { keyRef, derived, transport, encrypt, decrypt, rewrap } = configured;
  const look = remembered((signal) => examineKey(transport, configured, signal), keptMs);
  const bound = ({ associatedData }: KekCall): object =>
    derived ? { context: base64(associatedData) } : { associated_data: base64(associatedData) };
  return Object.freeze<VaultTransitKek>({
    provider: "vault-transit",
    keyRef,
    bindsContext: true,
    authenticatesWrap: true,
    errorCode,
    retryAfterMs,
    owns: (recipient) => recipient.provider === "vault-transit" && recipient.keyRef === keyRef,

    async wrap(dataKey, call) {
      await look(call.signal);
      return wrappedOf(requireData(await encrypt({ plaintext: base64(dataKey), ...bound(call) }, call.signal)));
    },

    async unwrap(recipient, call) {
      const ciphertext = requireCiphertext(recipient.wrapped);
      await look(call.signal);
      return dataKeyOf(requireData(await decrypt({ ciphertext, ...bound(call) }, call.signal)));
    },

    ...(derived && {
      async rewrap(recipient, call) {
        const ciphertext = requireCiphertext(recipient.wrapped);
        await look(call.signal);
        return wrappedOf(requireData(await rewrap({ ciphertext, ...bound(call) }, call.signal)));
      },
    }),

    async currentVersion({ signal }) {
      return versionOfKey(requireData(await transport.read(configured.readPath, signal)), configured);
    },
  });
}

/**
 * Looks at the key as a KEK does before its first use, and tells what could be found out: for set-up and for `letterlock doctor`. Rejects with a
 * `VaultError` where the key is not there ("kek-not-found" in `meaning`), is not as configured ("kek-unusable"), or cannot be asked for.
 */
export async function checkVaultKey(
  options: VaultTransitOptions,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<VaultKeyCheck> {
  const configured = readOptions(options);
  return examineKey(configured.transport, configured, signal ?? new AbortController().signal);
}
