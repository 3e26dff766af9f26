import type { Kek, KekCall, KekWrapper, Recipient } from "@letterlock/core";
import { checksum, exactly, requireIntact, requireVerified, requireVersion, take } from "./answer.ts";
import { cloudKmsError, errorCode, retryAfterMs } from "./cloud-kms-error.ts";
import type { CallOptions, DecryptAnswer } from "./kms-client.ts";
import { type GcpKmsOptions, readOptions } from "./options.ts";
import { callingThrough } from "./transport.ts";

/** A KEK in Cloud KMS. It makes no data keys and cannot rewrap: the service has neither operation. */
export interface GcpKmsKek extends Kek {
  currentVersion: NonNullable<KekWrapper["currentVersion"]>;
}

/** 32 bytes and a tag of 16: nothing shorter can be a data key that somebody encrypted. */
const leastWrappedBytes = 48;

/**
 * A symmetric key of Google Cloud KMS, purpose ENCRYPT_DECRYPT. The associated data of SPEC section 4 is the additionalAuthenticatedData; checksums guard what
 * is sent and what comes back. keyVersion is the number of the version that encrypted. Each call ends within `gcpKmsTimeoutMs`, and makes one request.
 */
export function gcpKms(options: GcpKmsOptions): GcpKmsKek {
  const { client, keyName } = readOptions(options);
  const calling = callingThrough(client, keyName);
  const bound = ({ associatedData }: KekCall) => ({
    name: keyName,
    additionalAuthenticatedData: exactly(associatedData),
    additionalAuthenticatedDataCrc32c: checksum(associatedData),
  });
  return Object.freeze<GcpKmsKek>({
    provider: "gcp-kms",
    keyRef: keyName,
    bindsContext: true,
    authenticatesWrap: true,
    errorCode,
    retryAfterMs,
    owns: ({ provider, keyRef }: Recipient) => provider === "gcp-kms" && keyRef === keyName,

    async wrap(dataKey, call) {
      const request = { ...bound(call), plaintext: exactly(dataKey), plaintextCrc32c: checksum(dataKey) };
      const [answer] = await calling("encrypt", call.signal, (until) => client.encrypt(request, until));
      const keyVersion = requireVersion(answer.name, keyName);
      requireVerified(answer.verifiedPlaintextCrc32c, answer.verifiedAdditionalAuthenticatedDataCrc32c);
      return { wrapped: requireIntact("ciphertext", answer.ciphertext, answer.ciphertextCrc32c), keyVersion };
    },

    async unwrap({ wrapped }, call) {
      if (wrapped.length < leastWrappedBytes) throw cloudKmsError("not-authentic", "this is no ciphertext of a data key");
      const request = { ...bound(call), ciphertext: exactly(wrapped), ciphertextCrc32c: checksum(wrapped) };
      const ask = (until: CallOptions) => client.decrypt(request, until);
      const [answer] = await calling("decrypt", call.signal, ask, ([late]) => discard(late));
      return take(requireIntact("plaintext", answer.plaintext, answer.plaintextCrc32c));
    },

    async currentVersion({ signal }) {
      const [answer] = await calling("getCryptoKey", signal, (until) => client.getCryptoKey({ name: keyName }, until));
      if (answer.name !== keyName) throw cloudKmsError("provider-error", `the answer names another key than ${keyName}`);
      return answer.primary?.name ? requireVersion(answer.primary.name, keyName) : undefined;
    },
  });
}

function discard({ plaintext }: DecryptAnswer): void {
  if (plaintext instanceof Uint8Array) plaintext.fill(0);
}
