import type { HttpAnswer, HttpRequest } from "../server/http-server.ts";
import type { Access } from "./access.ts";

/** The tenant that the challenge names, and so the one that credentials must be of. */
export const emulatorTenantId = "00000000-0000-4000-8000-000000000001";

const lifetimeSeconds = 3599;

/** What the clients of Microsoft Entra ID ask before they ask for a token. */
export function openIdConfiguration(origin: string, { url }: HttpRequest): HttpAnswer {
  const tenant = url.pathname.split("/")[1] ?? emulatorTenantId;
  return {
    status: 200,
    body: {
      issuer: `${origin}/${tenant}/v2.0`,
      authorization_endpoint: `${origin}/${tenant}/oauth2/v2.0/authorize`,
      token_endpoint: `${origin}/${tenant}/oauth2/v2.0/token`,
      jwks_uri: `${origin}/${tenant}/discovery/v2.0/keys`,
      response_types_supported: ["code"],
      subject_types_supported: ["pairwise"],
      id_token_signing_alg_values_supported: ["RS256"],
    },
  };
}

/** Any client id with any secret or assertion gets a token, unless it is denied the operation "token". */
export function issueToken(access: Access, { body }: HttpRequest): HttpAnswer {
  const form = new URLSearchParams(body.toString("utf8"));
  const clientId = form.get("client_id") ?? "";
  const proven = form.get("client_secret") ?? form.get("client_assertion") ?? "";
  if (form.get("grant_type") !== "client_credentials")
    return refusal(400, "unsupported_grant_type", "AADSTS70003: unsupported grant type.");
  if (clientId === "" || proven === "" || access.deniesToken(clientId)) {
    return refusal(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.");
  }
  const lifetime = { expires_in: lifetimeSeconds, ext_expires_in: lifetimeSeconds };
  return { status: 200, body: { token_type: "Bearer", ...lifetime, access_token: access.issue(clientId) } };
}

function refusal(status: number, error: string, description: string): HttpAnswer {
  return {
    status,
    body: { error, error_description: description, error_codes: [], correlation_id: "00000000-0000-0000-0000-000000000000" },
  };
}
