import { randomBytes, randomUUID } from "node:crypto";
import { type AppRoles, createAppRoles } from "./approle.ts";
import { type Clock, createClock } from "./clock.ts";
import { type PolicyRule, parsePolicy } from "./policy-language.ts";
import { createTokenStore, type TokenStore } from "./token-store.ts";
import { createTransitMount, type TransitMount } from "./transit-mount.ts";

export interface Policy {
  readonly text: string;
  readonly rules: readonly PolicyRule[];
  readonly version: number;
  readonly modifiedAt: number;
}

export interface Mount<Engine> {
  readonly engine: Engine;
  readonly type: string;
  readonly description: string;
  readonly accessor: string;
  readonly uuid: string;
}

export interface Namespace {
  /** "" or "team/". */
  readonly path: string;
  readonly id: string;
  readonly uuid: string;
  /** Of secrets, by their path without slashes around it. Undefined: an engine that is mounted and not emulated. */
  readonly mounts: Map<string, Mount<TransitMount | undefined>>;
  readonly auths: Map<string, Mount<AppRoles | undefined>>;
  readonly policies: Map<string, Policy>;
}

export interface VaultState {
  readonly clock: Clock;
  readonly tokens: TokenStore;
  readonly namespaces: Map<string, Namespace>;
  readonly clusterId: string;
  readonly unsealKey: string;
  sealed: boolean;
}

export function createVaultState(rootToken: string): VaultState {
  const clock = createClock();
  const tokens = createTokenStore(clock);
  tokens.create({ id: rootToken, policies: ["root"], creationSeconds: 0 });
  const namespaces = new Map([["", createNamespace("")]]);
  return { clock, tokens, namespaces, clusterId: randomUUID(), unsealKey: randomBytes(32).toString("base64"), sealed: false };
}

export function createNamespace(path: string): Namespace {
  const policies = new Map([["default", { text: defaultPolicy, rules: parsePolicy(defaultPolicy), version: 1, modifiedAt: Date.now() }]]);
  const id = path === "" ? "root" : randomBytes(8).toString("base64url").replaceAll(/[-_]/g, "A").slice(0, 6);
  return {
    path,
    id,
    uuid: randomUUID(),
    mounts: new Map(builtInMounts()),
    auths: new Map([["token", newMount("token", "token based credentials", undefined)]]),
    policies,
  };
}

export function mountTransit(state: VaultState, namespace: Namespace, path: string, description = ""): void {
  namespace.mounts.set(path, newMount("transit", description, createTransitMount(state.clock)));
}

export function enableAppRole(state: VaultState, namespace: Namespace, path: string, description = ""): void {
  namespace.auths.set(path, newMount("approle", description, createAppRoles(state.clock, state.tokens, namespace.path, `auth/${path}`)));
}

export function putPolicy({ clock }: VaultState, { policies }: Namespace, name: string, text: string): void {
  const version = (policies.get(name)?.version ?? 0) + 1;
  policies.set(name, { text, rules: parsePolicy(text), version, modifiedAt: clock.now() });
}

/** The mount with the longest path that `path` begins with, and what follows it. */
export function mountOf<Engine>(
  mounts: ReadonlyMap<string, Mount<Engine>>,
  path: string,
): readonly [name: string, mount: Mount<Engine>, rest: string] | undefined {
  const [name, mount] =
    [...mounts].filter(([at]) => path === at || path.startsWith(`${at}/`)).sort(([a], [b]) => b.length - a.length)[0] ?? [];
  return name === undefined || mount === undefined ? undefined : [name, mount, path.slice(name.length + 1)];
}

export function newMount<Engine>(type: string, description: string, engine: Engine): Mount<Engine> {
  return { engine, type, description, accessor: `${type}_${randomBytes(4).toString("hex")}`, uuid: randomUUID() };
}

function builtInMounts(): [string, Mount<undefined>][] {
  return [
    ["cubbyhole", newMount("cubbyhole", "per-token private secret storage", undefined)],
    ["identity", newMount("identity", "identity store", undefined)],
    ["sys", newMount("system", "system endpoints used for control, policy and debugging", undefined)],
  ];
}

const defaultPolicy = `
path "auth/token/lookup-self" { capabilities = ["read"] }
path "auth/token/renew-self" { capabilities = ["update"] }
path "auth/token/revoke-self" { capabilities = ["update"] }
path "sys/capabilities-self" { capabilities = ["update"] }
path "sys/internal/ui/resultant-acl" { capabilities = ["read"] }
path "cubbyhole/*" { capabilities = ["create", "read", "update", "delete", "list"] }
path "sys/wrapping/wrap" { capabilities = ["update"] }
path "sys/wrapping/lookup" { capabilities = ["update"] }
path "sys/wrapping/unwrap" { capabilities = ["update"] }
`;
