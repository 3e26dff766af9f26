import type { FidelityManifest } from "@letterlock/conformance";
import { answersOnlyAsItself } from "./answers-only-as-itself.ts";

const keyIdFirst = {
  reason:
    "moto reads the first 36 bytes of a ciphertext as the id of a key, and calls an id that it does not know or expect AccessDeniedException",
  instead: "access-denied where the service says InvalidCiphertextException or IncorrectKeyException",
};
const noKeyState = { reason: "moto keeps the state of a key and does not look at it", instead: "a disabled key encrypts and decrypts" };

/** What moto 5.2.3 cannot judge of AWS KMS. */
export const motoManifest: FidelityManifest = [
  ...answersOnlyAsItself,
  {
    id: "context-moved-boundary",
    reason: "moto joins the pairs of an encryption context without marking where one ends",
    instead: "{ a: 'b', cd: 'e' } decrypts what { a: 'bc', d: 'e' } encrypted",
  },
  ...["tampered", "extended", "foreign-bytes", "other-key"].map((id) => ({ id, ...keyIdFirst })),
  {
    id: "rewrap-tampered",
    reason: "moto's ReEncrypt takes the source key from the ciphertext and ignores SourceKeyId",
    instead: "what key b encrypted is encrypted again, in the name of key b, and the adapter refuses that answer as provider-error",
  },
  { id: "rotation-new-version", reason: "moto names no key material", instead: "neither DescribeKey nor an answer tells a version" },
  ...["fault-kek-unusable", "disabled", "enabled-again"].map((id) => ({ id, ...noKeyState })),
  { id: "fault-throttled", reason: "moto has no request quota", instead: "it answers every request" },
];
