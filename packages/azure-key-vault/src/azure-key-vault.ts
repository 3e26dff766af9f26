import type { CryptographyClient, CryptographyOptions, KeyClient } from "@azure/keyvault-keys";
import type { Kek, KekCall, Recipient } from "@letterlock/core";
import { checkOptions } from "./check-options.ts";
import type { KeyVaultOperation } from "./error-meaning.ts";
import { isKeyVersion, keyRefOf, versionIn } from "./key-url.ts";
import { errorCode, keyVaultError, retryAfterMs } from "./key-vault-error.ts";
import { remoteOnly } from "./remote-only.ts";
import { sanitized } from "./sanitized-call.ts";
import { type AzureKeyVaultAlgorithm, wrappingOf } from "./wrapping.ts";

export interface AzureKeyVaultOptions {
  /** Of one vault or Managed HSM, with your credential, retries and time limits. It is used for nothing but this key. */
  readonly client: Pick<KeyClient, "vaultUrl" | "getCryptographyClient" | "getKey">;
  /** The name alone. Versions are recorded in what is sealed. */
  readonly keyName: string;
  /** "RSA-OAEP-256" by default. It belongs to the key for good: what one algorithm wrapped, no other unwraps. */
  readonly algorithm?: AzureKeyVaultAlgorithm | undefined;
}

/**
 * A key of Azure Key Vault or of a Managed HSM. It wraps under the latest version, records which one that was, and unwraps with the recorded one, whatever
 * is the latest by then. Each wrap and each unwrap is one request, and needs no permission but its own; `currentVersion` needs `keys/get`.
 */
export function azureKeyVault(options: AzureKeyVaultOptions): Kek {
  checkOptions(options, ["client", "keyName", "algorithm"]);
  const { client, keyName, algorithm = "RSA-OAEP-256" } = options;
  if (typeof client?.getCryptographyClient !== "function") throw new TypeError("client must be a KeyClient of @azure/keyvault-keys");
  const keyRef = keyRefOf(client.vaultUrl, keyName);
  const vaultUrl = new URL(keyRef).origin;
  const wrapping = wrappingOf(algorithm);

  const call = async (
    operation: KeyVaultOperation,
    recorded: string,
    signal: AbortSignal,
    run: (cryptography: CryptographyClient, options: CryptographyOptions) => Promise<Uint8Array | undefined>,
  ): Promise<{ readonly result: Uint8Array; readonly version: string }> => {
    let kid: unknown;
    const result = await sanitized(operation, vaultUrl, () =>
      // The SDK's own `keyID` is the id that was asked for: after a rotation it still names the version before. The answer names the one that was used.
      run(remoteOnly(client, keyName, recorded), {
        abortSignal: signal,
        onResponse: ({ parsedBody }: { readonly parsedBody?: unknown }) => {
          kid = (parsedBody as { kid?: unknown } | undefined)?.kid;
        },
      }),
    );
    const version = versionIn(kid, keyRef);
    if (result !== undefined && version !== undefined && (recorded === "" || version.toLowerCase() === recorded.toLowerCase())) {
      return { result, version };
    }
    result?.fill(0);
    throw keyVaultError("provider-error", `${operation} was not answered for ${keyRef}: check the spelling of keyName, capitals included`);
  };

  return Object.freeze({
    provider: "azure-key-vault",
    keyRef,
    bindsContext: wrapping.bindsContext,
    authenticatesWrap: wrapping.authenticatesWrap,
    errorCode,
    retryAfterMs,
    owns: (recipient: Recipient) => recipient?.provider === "azure-key-vault" && recipient.keyRef === keyRef,
    async wrap(dataKey: Uint8Array, kekCall: KekCall) {
      const { result, version } = await call(wrapping.operations.wrap, "", kekCall.signal, (cryptography, callOptions) =>
        wrapping.wrap(cryptography, dataKey, kekCall, callOptions),
      );
      if (wrapping.lengths.includes(result.length)) return { wrapped: result, keyVersion: version };
      throw keyVaultError("provider-error", `wrapping under ${keyRef} gave ${result.length} bytes, which no ${algorithm} key can`);
    },
    async unwrap({ wrapped, keyVersion = "" }: Recipient, kekCall: KekCall) {
      if (!wrapping.lengths.includes(wrapped.length)) throw keyVaultError("not-authentic", `no ${algorithm} key wraps to such a length`);
      if (keyVersion !== "" && !isKeyVersion(keyVersion)) throw keyVaultError("kek-not-found", "a key version is 32 hex digits");
      const { result } = await call(wrapping.operations.unwrap, keyVersion, kekCall.signal, (cryptography, callOptions) =>
        wrapping.unwrap(cryptography, wrapped, kekCall, callOptions),
      );
      const dataKey = new Uint8Array(new ArrayBuffer(result.length));
      dataKey.set(result);
      result.fill(0);
      return dataKey;
    },
    async currentVersion({ signal }: { readonly signal: AbortSignal }) {
      const { id } = await sanitized("getKey", vaultUrl, () => client.getKey(keyName, { abortSignal: signal }));
      const version = versionIn(id, keyRef);
      if (version === undefined) throw keyVaultError("provider-error", `getKey was not answered for ${keyRef}`);
      return version;
    },
  } satisfies Kek);
}
