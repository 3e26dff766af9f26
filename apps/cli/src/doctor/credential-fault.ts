/** Names of errors, of the SDKs and of what the adapters make of them, that say that nobody is logged in, or nobody whom the provider knows. */
const absent = /CredentialsProviderError|TokenProviderError|CredentialUnavailableError|AuthenticationRequiredError|default credentials/;
const refused =
  /authentication failed|invalid_client|invalid_grant|ExpiredToken|UnrecognizedClient|InvalidClientTokenId|InvalidSignature|SignatureDoesNotMatch|UNAUTHENTICATED|status 401/;

/** What is wrong with the credentials themselves, whatever they are permitted; undefined where nothing tells so. */
export function credentialFault(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const told = `${error.name} ${error.message}`;
  if (absent.test(told)) return "there are no usable credentials where the SDK looks for them";
  return refused.test(told) ? "the provider does not accept the credentials: they are wrong or have expired" : undefined;
}
