import { randomUUID } from "node:crypto";
import type { Answer } from "./answer.ts";
import type { Clock } from "./clock.ts";
import { booleanField, type Fields, integerField, listField, secondsField, textField } from "./fields.ts";
import { Refusal, unsupportedOperation, unsupportedPath } from "./refusal.ts";
import { authOf } from "./token-auth.ts";
import { systemSeconds, type Token, type TokenStore } from "./token-store.ts";
import type { Verb } from "./verb.ts";

/** One AppRole method: its roles, and the credentials that they log in with. */
export interface AppRoles {
  /** The only path that needs no token. */
  login(fields: Fields): Answer;
  answer(path: string, verb: Verb, fields: Fields): Answer | undefined;
  hasRole(name: string): boolean;
}

interface SecretId {
  readonly accessor: string;
  readonly ttlSeconds: number;
  readonly expiresAt: number | undefined;
  readonly numUses: number;
  usesLeft: number;
}

interface Role {
  readonly fields: Map<string, unknown>;
  readonly secretIds: Map<string, SecretId>;
  readonly entityId: string;
  roleId: string;
}

const mismatch = "invalid role or secret ID";

export function createAppRoles(clock: Clock, tokens: TokenStore, namespace: string, mount: string): AppRoles {
  const roles = new Map<string, Role>();
  const requireRole = (name: string, refusal: Refusal): Role => {
    const role = roles.get(name);
    if (role === undefined) throw refusal;
    return role;
  };
  return {
    hasRole: (name) => roles.has(name),
    login(fields) {
      const roleId = textField(fields, "role_id") ?? "";
      if (roleId === "") throw new Refusal(500, "missing role_id");
      const [name, role] = [...roles].find(([, { roleId: own }]) => own === roleId) ?? [];
      if (name === undefined || role === undefined) throw new Refusal(400, mismatch);
      if (role.fields.get("bind_secret_id") !== false) useSecretId(clock, role, textField(fields, "secret_id") ?? "");
      return { auth: authOf(tokens.create(tokenOf(name, role, namespace, `${mount}/login`))) };
    },
    answer(path, verb, fields) {
      const [, name, action = ""] = /^role\/(\w(?:[\w.-]*\w)?)(?:\/([\w-]+))?\/?$/.exec(path) ?? [];
      if (/^role\/?$/.test(path) && verb === "list") return listed([...roles.keys()]);
      if (name === undefined) throw unsupportedPath();
      switch (`${verb} ${action}`) {
        case "write ":
          configureRole(roles, name, fields);
          return undefined;
        case "read ":
          return { data: describeRole(requireRole(name, new Refusal(404))) };
        case "delete ":
          roles.delete(name);
          return undefined;
        case "read role-id":
          return { data: { role_id: requireRole(name, new Refusal(404)).roleId } };
        case "write role-id":
          requireRole(name, new Refusal(404)).roleId = textField(fields, "role_id") ?? randomUUID();
          return undefined;
        case "list secret-id":
          return listed([...requireRole(name, new Refusal(404)).secretIds.values()].map(({ accessor }) => accessor));
        case "write secret-id":
        case "write custom-secret-id":
          return newSecretId(clock, requireRole(name, new Refusal(404, `role ${JSON.stringify(name)} does not exist`)), fields);
        default:
          throw unsupportedOperation();
      }
    },
  };
}

function configureRole(roles: Map<string, Role>, name: string, fields: Fields): void {
  const role = roles.get(name) ?? {
    fields: new Map(),
    secretIds: new Map(),
    entityId: randomUUID(),
    roleId: textField(fields, "role_id") ?? randomUUID(),
  };
  const policies = listField(fields, "token_policies") ?? listField(fields, "policies");
  if (policies !== undefined) role.fields.set("token_policies", [...policies].sort());
  for (const seconds of ["token_ttl", "token_max_ttl", "token_period", "token_explicit_max_ttl", "secret_id_ttl"]) {
    const value = secondsField(fields, seconds);
    if (value !== undefined) role.fields.set(seconds, value);
  }
  for (const count of ["token_num_uses", "secret_id_num_uses"]) {
    const value = integerField(fields, count);
    if (value !== undefined) role.fields.set(count, value);
  }
  for (const flag of ["bind_secret_id", "token_no_default_policy"]) {
    const value = booleanField(fields, flag);
    if (value !== undefined) role.fields.set(flag, value);
  }
  const type = textField(fields, "token_type");
  if (type !== undefined) role.fields.set("token_type", type);
  const [ttl, max] = [number(role, "token_ttl"), number(role, "token_max_ttl")];
  if (max > 0 && ttl > max) throw new Refusal(400, "'token_ttl' cannot be greater than 'token_max_ttl'");
  roles.set(name, role);
}

function describeRole(role: Role): Fields {
  return {
    bind_secret_id: role.fields.get("bind_secret_id") ?? true,
    local_secret_ids: false,
    secret_id_bound_cidrs: null,
    secret_id_num_uses: number(role, "secret_id_num_uses"),
    secret_id_ttl: number(role, "secret_id_ttl"),
    token_bound_cidrs: [],
    token_explicit_max_ttl: number(role, "token_explicit_max_ttl"),
    token_max_ttl: number(role, "token_max_ttl"),
    token_no_default_policy: role.fields.get("token_no_default_policy") ?? false,
    token_num_uses: number(role, "token_num_uses"),
    token_period: number(role, "token_period"),
    token_policies: role.fields.get("token_policies") ?? [],
    token_strictly_bind_ip: false,
    token_ttl: number(role, "token_ttl"),
    token_type: role.fields.get("token_type") ?? "default",
  };
}

function newSecretId(clock: Clock, role: Role, fields: Fields): Answer {
  const secretId = textField(fields, "secret_id") ?? randomUUID();
  const accessor = randomUUID();
  const ttlSeconds = secondsField(fields, "ttl") ?? number(role, "secret_id_ttl");
  const numUses = integerField(fields, "num_uses") ?? number(role, "secret_id_num_uses");
  const expiresAt = ttlSeconds === 0 ? undefined : clock.now() + ttlSeconds * 1000;
  role.secretIds.set(secretId, { accessor, ttlSeconds, expiresAt, numUses, usesLeft: numUses });
  return { data: { secret_id: secretId, secret_id_accessor: accessor, secret_id_num_uses: numUses, secret_id_ttl: ttlSeconds } };
}

function useSecretId(clock: Clock, role: Role, secretId: string): void {
  if (secretId === "") throw new Refusal(400, "missing secret_id");
  const known = role.secretIds.get(secretId);
  if (known === undefined || (known.expiresAt !== undefined && clock.now() >= known.expiresAt)) throw new Refusal(400, mismatch);
  if (known.numUses === 0) return;
  known.usesLeft -= 1;
  if (known.usesLeft <= 0) role.secretIds.delete(secretId);
}

function tokenOf(name: string, role: Role, namespace: string, path: string): Parameters<TokenStore["create"]>[0] {
  const own = (role.fields.get("token_policies") as readonly string[] | undefined) ?? [];
  const policies = role.fields.get("token_no_default_policy") === true ? own : [...new Set([...own, "default"])].sort();
  const period = number(role, "token_period");
  const max = number(role, "token_max_ttl");
  const ttl = period || number(role, "token_ttl") || (max > 0 ? max : systemSeconds);
  const type: Token["type"] = role.fields.get("token_type") === "batch" ? "batch" : "service";
  return {
    namespace,
    policies,
    path,
    type,
    displayName: "approle",
    meta: { role_name: name },
    entityId: role.entityId,
    numUses: number(role, "token_num_uses"),
    creationSeconds: ttl,
    maxSeconds: number(role, "token_explicit_max_ttl") || max,
    explicitMaxSeconds: number(role, "token_explicit_max_ttl"),
    periodSeconds: period,
  };
}

function listed(names: readonly string[]): Answer {
  if (names.length === 0) throw new Refusal(404);
  return { data: { keys: [...names].sort() } };
}

function number(role: Role, field: string): number {
  return (role.fields.get(field) as number | undefined) ?? 0;
}
