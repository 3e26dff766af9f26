import type { Difference } from "../server/emulator.ts";

/** Recorded from the service, through the recordings of gocloud.dev or error texts that users of the service published: everything that is not listed here. */
export const gcpKmsDifferences: readonly Difference[] = [
  { kind: "differs", what: "a new primary version is used at once; the service may take minutes, and says that it may take hours" },
  { kind: "differs", what: "a disabled version is refused at once; at the service that is eventual" },
  { kind: "differs", what: "symmetric versions are ENABLED when they are created, never PENDING_GENERATION, and so are key pairs" },
  { kind: "differs", what: "protection level HSM changes the limits and what the answers say; the keys are in memory" },
  { kind: "differs", what: "a request without credentials is served unless it is denied" },
  { kind: "differs", what: "filter, orderBy and views of lists are ignored; rotation periods are stored and nothing rotates by itself" },
  {
    kind: "differs",
    what: "import jobs, raw encryption, signing, MACs, key encapsulation, deletion, EKM, Autokey and IAM policies are UNIMPLEMENTED",
  },
  {
    kind: "unconfirmed",
    what: "the 32 bytes that differ in every ciphertext, and whether unknown fields added to a ciphertext are ignored",
  },
  { kind: "unconfirmed", what: "the texts of NOT_FOUND, ALREADY_EXISTS, malformed names, sizes that are exceeded and wrong purposes" },
  {
    kind: "unconfirmed",
    what: "FAILED_PRECONDITION for another purpose, a destroyed version's KEY_DESTROYED, and a key without a primary version",
  },
  { kind: "unconfirmed", what: "the details of PERMISSION_DENIED and UNAVAILABLE; RetryInfo is sent only when the test asks for it" },
  { kind: "unconfirmed", what: "state changes that are refused, and their texts" },
];
