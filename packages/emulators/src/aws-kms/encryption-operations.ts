import type { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import type { Use } from "./access.ts";
import { AwsKmsError, validation } from "./aws-kms-error.ts";
import { algorithm, decrypt, encrypt, ownerOfBlob, requireScheme, type Scheme } from "./encryption.ts";
import { blob, context, flag, integer, oneOf, optionalText, text, texts } from "./fields.ts";
import type { KmsKey } from "./kms-key.ts";
import { type Answer, allowedKey, type OperationCall, type Operations, requireAllowed } from "./operation.ts";

/** API reference of Encrypt and Decrypt. */
const mostPlaintextBytes = 4096;
const mostBlobBytes = 6144;

export const encryptionOperations: Operations = {
  Encrypt(call) {
    const { fields } = call;
    const plaintext = blob(fields, "Plaintext", mostPlaintextBytes);
    const scheme = { algorithm: algorithm(fields, "EncryptionAlgorithm"), context: context(fields, "EncryptionContext") };
    const key = keyFor(call, text(fields, "KeyId"), scheme);
    const made = encrypt(key, plaintext, scheme);
    endDryRun(call);
    return { CiphertextBlob: made.blob.toString("base64"), KeyId: key.arn, EncryptionAlgorithm: scheme.algorithm };
  },

  Decrypt(call) {
    const { fields } = call;
    const scheme = { algorithm: algorithm(fields, "EncryptionAlgorithm"), context: context(fields, "EncryptionContext") };
    const opened = open(call, optionalText(fields, "KeyId"), scheme);
    endDryRun(call);
    return {
      Plaintext: opened.plaintext.toString("base64"),
      KeyId: opened.key.arn,
      EncryptionAlgorithm: scheme.algorithm,
      // The reference does not know this member; the service sends it.
      KeyOrigin: opened.key.family.origin,
      KeyMaterialId: opened.materialId,
    };
  },

  ReEncrypt(call) {
    const { fields, service } = call;
    const from = { algorithm: algorithm(fields, "SourceEncryptionAlgorithm"), context: context(fields, "SourceEncryptionContext") };
    const to = { algorithm: algorithm(fields, "DestinationEncryptionAlgorithm"), context: context(fields, "DestinationEncryptionContext") };
    const destinationId = text(fields, "DestinationKeyId");
    const destination = service.store.find(destinationId, call.caller);
    const onSameKey = (key: KmsKey): Partial<Use> => ({ facts: { "kms:reencryptonsamekey": [String(key.family === destination.family)] } });
    const opened = open(call, optionalText(fields, "SourceKeyId"), from, (key) => ({ action: "kms:ReEncryptFrom", ...onSameKey(key) }));
    keyFor(call, destinationId, to, { action: "kms:ReEncryptTo", ...onSameKey(opened.key) });
    const made = encrypt(destination, opened.plaintext, to);
    endDryRun(call);
    return {
      CiphertextBlob: made.blob.toString("base64"),
      SourceKeyId: opened.key.arn,
      KeyId: destination.arn,
      SourceEncryptionAlgorithm: from.algorithm,
      DestinationEncryptionAlgorithm: to.algorithm,
      SourceKeyMaterialId: opened.materialId,
      DestinationKeyMaterialId: made.materialId,
    };
  },

  GenerateDataKey(call) {
    const { plaintext, answer } = generateDataKey(call);
    return { ...answer, Plaintext: plaintext.toString("base64") };
  },

  GenerateDataKeyWithoutPlaintext: (call) => generateDataKey(call).answer,

  GenerateRandom({ fields }) {
    const bytes = integer(fields, "NumberOfBytes", [1, 1024]);
    if (bytes === undefined) throw validation("NumberOfBytes is required.");
    return { Plaintext: randomBytes(bytes).toString("base64") };
  },
};

function generateDataKey(call: OperationCall): { plaintext: Buffer; answer: Answer } {
  const { fields } = call;
  const scheme = { algorithm: "SYMMETRIC_DEFAULT", context: context(fields, "EncryptionContext") };
  const bytes = integer(fields, "NumberOfBytes", [1, 1024]);
  const spec = optionalText(fields, "KeySpec") === undefined ? undefined : oneOf(fields, "KeySpec", ["AES_128", "AES_256"], "");
  const key = keyFor(call, text(fields, "KeyId"), scheme);
  if ((bytes === undefined) === (spec === undefined)) throw validation("Please specify either number of bytes or key spec.");
  const plaintext = randomBytes(bytes ?? (spec === "AES_128" ? 16 : 32));
  const made = encrypt(key, plaintext, scheme);
  endDryRun(call);
  return { plaintext, answer: { CiphertextBlob: made.blob.toString("base64"), KeyId: key.arn, KeyMaterialId: made.materialId } };
}

function keyFor(call: OperationCall, keyId: string, scheme: Scheme, use: Partial<Use> = {}): KmsKey {
  const key = allowedKey(call, keyId, { ...useOf(scheme), ...withFacts(use, scheme) });
  requireScheme(key, call.name, scheme);
  return key;
}

/** The blob says which key made it; a request that names another one is refused before the blob is opened. */
function open(
  call: OperationCall,
  keyId: string | undefined,
  scheme: Scheme,
  use: (key: KmsKey) => Partial<Use> = () => ({}),
): { readonly key: KmsKey; readonly plaintext: Buffer; readonly materialId: string | undefined } {
  const ciphertext = blob(call.fields, "CiphertextBlob", mostBlobBytes);
  const named = keyId === undefined ? undefined : call.service.store.find(keyId, call.caller);
  if (named === undefined && scheme.algorithm !== "SYMMETRIC_DEFAULT") throw validation("KeyId is required with asymmetric keys.");
  const key = named ?? ownerOfBlob(call, ciphertext);
  requireAllowed(call, key, { ...useOf(scheme), ...withFacts(use(key), scheme) });
  requireScheme(key, call.name, scheme);
  if (ignoresCiphertext(call)) endDryRun(call);
  if (key.family.pair === undefined && ownerOfBlob(call, ciphertext) !== key) {
    throw new AwsKmsError("IncorrectKeyException", "The key ID in the request does not identify a CMK that can perform this operation.");
  }
  return { key, ...decrypt(key, ciphertext, scheme) };
}

function useOf(scheme: Scheme): Pick<Use, "context"> {
  return { context: scheme.context };
}

function withFacts(use: Partial<Use>, { algorithm }: Scheme): Partial<Use> {
  return { ...use, facts: { "kms:encryptionalgorithm": [algorithm], ...use.facts } };
}

function ignoresCiphertext({ fields }: OperationCall): boolean {
  return flag(fields, "DryRun") && texts(fields, "DryRunModifiers").includes("IGNORE_CIPHERTEXT");
}

function endDryRun({ fields }: OperationCall): void {
  if (!flag(fields, "DryRun")) return;
  throw new AwsKmsError("DryRunOperationException", "The request would have succeeded, but the DryRun option is set.");
}
