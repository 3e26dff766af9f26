import type { Difference } from "../server/emulator.ts";

/** How the emulator answers otherwise than Azure Key Vault or Managed HSM, as far as is known. */
export const azureKeyVaultDifferences: readonly Difference[] = [
  {
    kind: "differs",
    what: "any bearer token is accepted, whatever its audience, issuer or signature, until it is denied or expired by admin",
  },
  { kind: "differs", what: "the token endpoint gives a token for any client id and secret; there is no instance discovery" },
  { kind: "differs", what: "the challenge names the emulator as the authority, not login.microsoftonline.com" },
  {
    kind: "differs",
    what: "deleting, recovering and purging a key is done when the request is answered; deleted keys stay until they are purged",
  },
  { kind: "differs", what: "disabling, expiring or denying has its effect at once; the service takes up to minutes" },
  { kind: "differs", what: "there are no EC keys, no sign, verify, backup, restore, release, attestation or random bytes" },
  { kind: "differs", what: "RSA1_5, CKM_AES_KEY_WRAP and AES in CBC mode are refused as an unsupported algorithm" },
  { kind: "differs", what: "a rotation policy is kept and returned, and nothing rotates by it" },
  { kind: "differs", what: "a Managed HSM also has keys of type RSA, and one kind of error with a vault" },
  { kind: "differs", what: "the limits of requests per ten seconds are not enforced; ask for the fault throttled" },
  { kind: "unconfirmed", what: "429 Throttled and 503 ServiceUnavailable: code, message and the Retry-After of one second" },
  {
    kind: "unconfirmed",
    what: "403 for a key that is expired or not yet valid: the inner codes KeyExpired and KeyNotYetValid and the messages",
  },
  {
    kind: "unconfirmed",
    what: "403 for a denied operation: its message; a vault with role-based access says ForbiddenByRbac in place of AccessDenied",
  },
  { kind: "unconfirmed", what: "401 for an expired token: its message" },
  { kind: "unconfirmed", what: "409 for the name of a deleted key: its message and inner code" },
  { kind: "unconfirmed", what: "every error of a Managed HSM, a disabled symmetric key among them; it is answered as a vault answers" },
  { kind: "unconfirmed", what: "400 for a wrong type, size, name or algorithm: the messages" },
];
