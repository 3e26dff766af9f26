import type { Answer } from "./answer.ts";
import type { Clock } from "./clock.ts";
import { booleanField, type Fields, integerField, listField, secondsField, textField } from "./fields.ts";
import { permissionDenied, Refusal, unsupportedOperation, unsupportedPath } from "./refusal.ts";
import { systemSeconds, type Token, type TokenStore } from "./token-store.ts";
import type { Verb } from "./verb.ts";

interface TokenRequest {
  readonly clock: Clock;
  readonly tokens: TokenStore;
  /** Who asks. */
  readonly token: Token;
  readonly fields: Fields;
  /** The namespace that a new token belongs to. */
  readonly namespace: string;
  readonly knownPolicies: ReadonlySet<string>;
}

/** The paths under auth/token/. */
export function answerToken(path: string, verb: Verb, request: TokenRequest): Answer | undefined {
  const { tokens, token, fields, clock } = request;
  switch (path) {
    case "create":
    case "create-orphan":
      if (verb !== "write") throw unsupportedOperation();
      return create(request, path === "create-orphan");
    case "lookup-self":
      return { data: describe(clock, token) };
    case "lookup":
      return {
        data: describe(
          clock,
          named(tokens, fields, () => new Refusal(403, "bad token")),
        ),
      };
    case "renew-self":
      return renew(tokens, token, fields);
    case "renew":
      return renew(
        tokens,
        named(tokens, fields, () => new Refusal(400, "token not found")),
        fields,
      );
    case "revoke-self":
      tokens.revoke(token.id);
      return undefined;
    case "revoke":
      tokens.revoke(textField(fields, "token") ?? "");
      return undefined;
    default:
      throw unsupportedPath();
  }
}

/** How an answer shows a token that was just made or renewed. */
export function authOf(token: Token, seconds: number = token.creationSeconds): Fields {
  return {
    client_token: token.id,
    accessor: token.accessor,
    policies: token.policies,
    token_policies: token.policies,
    metadata: token.meta,
    lease_duration: seconds,
    renewable: token.renewable,
    entity_id: token.entityId,
    token_type: token.type,
    orphan: token.parent === undefined,
    mfa_requirement: null,
    num_uses: token.numUses,
  };
}

function create({ tokens, token: parent, fields, namespace, knownPolicies }: TokenRequest, orphan: boolean): Answer {
  const asRoot = parent.policies.includes("root");
  const asked = listField(fields, "policies") ?? parent.policies;
  if (!asRoot && asked.some((policy) => policy !== "default" && !parent.policies.includes(policy))) {
    throw new Refusal(400, "child policies must be subset of parent");
  }
  const id = textField(fields, "id");
  if (id !== undefined && !asRoot) throw new Refusal(400, "root or sudo privileges required to specify token id");
  const isRoot = asked.includes("root");
  const withDefault = isRoot || booleanField(fields, "no_default_policy") === true ? asked : [...asked, "default"];
  const policies = [...new Set(withDefault)].sort();
  const type = textField(fields, "type") === "batch" ? "batch" : "service";
  const explicitMax = secondsField(fields, "explicit_max_ttl") ?? 0;
  const period = secondsField(fields, "period") ?? 0;
  const asks = period || (secondsField(fields, "ttl") ?? textLease(fields));
  const wanted = asks || (isRoot ? 0 : systemSeconds);
  const creationSeconds = explicitMax > 0 ? Math.min(wanted, explicitMax) : Math.min(wanted, systemSeconds);
  const made = tokens.create({
    ...(id === undefined ? {} : { id }),
    namespace,
    policies,
    type,
    parent: orphan || booleanField(fields, "no_parent") === true ? undefined : parent.id,
    displayName: displayName(textField(fields, "display_name")),
    meta: (fields.meta as Readonly<Record<string, string>> | undefined) ?? null,
    renewable: type === "service" && creationSeconds > 0 && booleanField(fields, "renewable") !== false,
    numUses: integerField(fields, "num_uses") ?? 0,
    creationSeconds,
    maxSeconds: explicitMax,
    explicitMaxSeconds: explicitMax,
    periodSeconds: period,
  });
  const unknown = policies.filter((policy) => policy !== "root" && !knownPolicies.has(policy));
  return { auth: authOf(made), warnings: unknown.map((policy) => `Policy ${JSON.stringify(policy)} does not exist`) };
}

function renew(tokens: TokenStore, token: Token, fields: Fields): Answer {
  if (!token.renewable) throw new Refusal(400, "lease is not renewable");
  const seconds = tokens.renew(token, secondsField(fields, "increment"));
  if (seconds === 0) throw new Refusal(403, permissionDenied);
  return { auth: authOf(token, seconds) };
}

function describe(clock: Clock, token: Token): Fields {
  const { expiresAt } = token;
  return {
    accessor: token.accessor,
    creation_time: Math.floor(token.createdAt / 1000),
    creation_ttl: token.creationSeconds,
    display_name: token.displayName,
    entity_id: token.entityId,
    expire_time: expiresAt === undefined ? null : new Date(expiresAt).toISOString(),
    explicit_max_ttl: token.explicitMaxSeconds,
    id: token.id,
    issue_time: new Date(token.createdAt).toISOString(),
    meta: token.meta,
    ...(token.namespace === "" ? {} : { namespace_path: token.namespace }),
    num_uses: token.numUses === 0 ? 0 : token.usesLeft,
    orphan: token.parent === undefined,
    path: token.path,
    ...(token.periodSeconds === 0 ? {} : { period: token.periodSeconds }),
    policies: token.policies,
    renewable: token.renewable,
    ttl: expiresAt === undefined ? 0 : Math.max(0, Math.floor((expiresAt - clock.now()) / 1000)),
    type: token.type,
  };
}

function named(tokens: TokenStore, fields: Fields, missing: () => Refusal): Token {
  const token = tokens.find(textField(fields, "token") ?? "");
  if (token === undefined) throw missing();
  return token;
}

function textLease(fields: Fields): number {
  return secondsField(fields, "lease") ?? 0;
}

function displayName(given: string | undefined): string {
  return given === undefined ? "token" : `token-${given.replaceAll(/[^\w-]+/g, "-")}`;
}
