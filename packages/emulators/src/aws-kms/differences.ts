import type { Difference } from "../server/emulator.ts";

/** Where `startAwsKms` answers otherwise than AWS KMS, or may do so. What is not listed was recorded from the service or is in its API reference. */
export const awsKmsDifferences: readonly Difference[] = [
  {
    kind: "differs",
    what: "the signature of a request is not checked, and neither are its time and its body's hash; the access key id alone says who asks",
  },
  {
    kind: "differs",
    what: "every caller is a user of the one account, arn:aws:iam::ACCOUNT:user/ACCESS-KEY-ID; there are no roles, sessions and other accounts",
  },
  { kind: "differs", what: "there are no IAM policies: a key policy that leaves access to the account allows all of its users everything" },
  {
    kind: "differs",
    what: "key policies know Action, NotAction, Principal and the operators String*, Arn*, Bool and Null with ForAllValues, ForAnyValue and IfExists; other operators and NotPrincipal are refused as malformed, and Resource is not read",
  },
  {
    kind: "differs",
    what: "condition keys: kms:EncryptionContext:*, kms:EncryptionContextKeys, kms:EncryptionAlgorithm, kms:ReEncryptOnSameKey, kms:CallerAccount, aws:PrincipalArn and aws:username; any other is absent from every request",
  },
  {
    kind: "differs",
    what: "everything takes effect at once: rotation, aliases, policies, states and grants, unless grantDelayMs says otherwise for grants",
  },
  {
    kind: "differs",
    what: "nothing happens by time: no automatic rotation and no deletion at the end of a waiting period; both are asked for with admin",
  },
  {
    kind: "differs",
    what: "request and resource quotas are not enforced, but for 25 rotations on demand; throttling is asked for with admin.fail",
  },
  {
    kind: "differs",
    what: "key stores, imported key material, Sign, Verify, MACs, key agreement, data key pairs, attestation, UpdatePrimaryRegion and GetKeyLastUsage are missing: UnknownOperationException",
  },
  { kind: "differs", what: "the service's own keys and aliases (alias/aws/…) are not listed" },
  {
    kind: "differs",
    what: "16 bytes in the head of a ciphertext blob are random, and 11 bytes before the plaintext are zero; what the service has there is not published. Lengths agree with the recorded blobs",
  },
  {
    kind: "differs",
    what: "a ciphertext of a deleted key is InvalidCiphertextException, also where the service may still know the key's id",
  },
  { kind: "unconfirmed", what: "the text of AccessDeniedException, and that its member is called Message" },
  {
    kind: "unconfirmed",
    what: "MissingAuthenticationTokenException, UnknownOperationException and SerializationException: their texts and that they are 400",
  },
  { kind: "unconfirmed", what: "the region in NotFoundException `Invalid arn REGION` is that of the ARN" },
  { kind: "unconfirmed", what: "NotFoundException `Alias ARN is not found.`" },
  {
    kind: "unconfirmed",
    what: "InvalidKeyUsageException `Algorithm A is incompatible with key spec S.`, and that GenerateDataKey with an RSA key is this error",
  },
  {
    kind: "unconfirmed",
    what: "ValidationException for an EncryptionContext with an RSA key, and for Decrypt with an RSA algorithm and no KeyId",
  },
  { kind: "unconfirmed", what: "the texts of ValidationException but for those about the size of the plaintext, which were recorded" },
  { kind: "unconfirmed", what: "KMSInvalidStateException `ARN is not pending deletion.`" },
  { kind: "unconfirmed", what: "DryRunOperationException: its text and that it is 400; the API reference says 412" },
  {
    kind: "unconfirmed",
    what: "the text of LimitExceededException for rotations on demand, and the limit: the developer guide says 25, older copies say 10",
  },
  {
    kind: "unconfirmed",
    what: "UnsupportedOperationException for rotating asymmetric keys and replicas, and for GetPublicKey of a symmetric key: the service sends no text for it",
  },
  { kind: "unconfirmed", what: "InvalidGrantTokenException and InvalidMarkerException: their texts" },
  { kind: "unconfirmed", what: "MalformedPolicyDocumentException: its texts, and what exactly the lockout check asks" },
  {
    kind: "unconfirmed",
    what: "TagException, InvalidAliasNameException, AlreadyExistsException and NotAuthorizedException for aliases: their texts",
  },
  { kind: "unconfirmed", what: "KMSInternalException, DependencyTimeoutException and KeyUnavailableException have status 500 and no text" },
  { kind: "unconfirmed", what: "ThrottlingException `Rate exceeded` with status 400" },
  { kind: "unconfirmed", what: "an EncryptionContext of any size, with empty names and values, is taken: the service publishes no limit" },
  {
    kind: "unconfirmed",
    what: "the order of checks where several fail: fields, whether the key exists, permission, state, usage, ciphertext",
  },
];
