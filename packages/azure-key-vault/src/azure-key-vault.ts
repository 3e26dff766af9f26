import type { CryptographyOptions, KeyClient } from "@azure/keyvault-keys";
import type { Kek, KekCall, Recipient } from "@letterlock/core";
import { checkOptions } from "./check-options.ts";
import { isKeyVersion, keyRefOf, versionIn } from "./key-url.ts";
import { errorCode, keyVaultError, retryAfterMs } from "./key-vault-error.ts";
import { tellCall } from "./provider-call.ts";
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

interface Answer {
  readonly result: Uint8Array;
  /** Of the key that did the work. */
  readonly version: string;
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
  const cryptographyOf = remoteOnly(client, keyName);

  const call = async (member: "wrap" | "unwrap", bytes: Uint8Array, recorded: string, kekCall: KekCall): Promise<Answer> => {
    let kid: unknown;
    const operation = wrapping.operations[member];
    const result = await sanitized(operation, vaultUrl, (note) =>
      // The SDK's own `keyID` is the id that was asked for: after a rotation it still names the version before. The answer names the one that was used.
      wrapping[member](cryptographyOf(recorded), bytes, kekCall, {
        abortSignal: kekCall.signal,
        onResponse: (response) => {
          note(response);
          kid = (response.parsedBody as { kid?: unknown } | undefined)?.kid;
          tellCall(keyRef, operation, response);
        },
      }),
    );
    const version = versionIn(kid, keyRef);
    const asked = recorded === "" || version?.toLowerCase() === recorded.toLowerCase();
    if (result !== undefined && version !== undefined && asked) return { result, version };
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
      const { result, version } = await call("wrap", dataKey, "", kekCall);
      if (wrapping.lengths.includes(result.length)) return { wrapped: result, keyVersion: version };
      throw keyVaultError("provider-error", `wrapping under ${keyRef} gave ${result.length} bytes, which no ${algorithm} key can`);
    },
    async unwrap({ wrapped, keyVersion = "" }: Recipient, kekCall: KekCall) {
      if (!wrapping.lengths.includes(wrapped.length)) throw keyVaultError("not-authentic", `no ${algorithm} key wraps to such a length`);
      if (keyVersion !== "" && !isKeyVersion(keyVersion)) throw keyVaultError("kek-not-found", "a key version is 32 hex digits");
      const { result } = await call("unwrap", wrapped, keyVersion, kekCall);
      const dataKey = new Uint8Array(new ArrayBuffer(result.length));
      dataKey.set(result);
      result.fill(0);
      return dataKey;
    },
    async currentVersion({ signal }: { readonly signal: AbortSignal }) {
      const { id } = await sanitized("getKey", vaultUrl, (note) => {
        const onResponse: CryptographyOptions["onResponse"] = (response) => {
          note(response);
          tellCall(keyRef, "getKey", response);
        };
        return client.getKey(keyName, { abortSignal: signal, onResponse });
      });
      const version = versionIn(id, keyRef);
      if (version === undefined) throw keyVaultError("provider-error", `getKey was not answered for ${keyRef}`);
      return version;
    },
  } satisfies Kek);
}
