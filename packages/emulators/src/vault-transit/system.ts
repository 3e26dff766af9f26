import type { Answer } from "./answer.ts";
import { type Fields, listField, textField } from "./fields.ts";
import { Refusal, unsupportedOperation, unsupportedPath } from "./refusal.ts";
import {
  createNamespace,
  enableAppRole,
  type Mount,
  mountTransit,
  type Namespace,
  newMount,
  type Policy,
  putPolicy,
  type VaultState,
} from "./vault-state.ts";
import type { Verb } from "./verb.ts";

const methodConfig = { token_type: "default-service" };

export interface SystemRequest {
  readonly state: VaultState;
  readonly namespace: Namespace;
  /** Without "sys/". */
  readonly path: string;
  readonly verb: Verb;
  readonly fields: Fields;
  capabilities(path: string): readonly string[];
}

/** The paths under sys/ that need a token. */
export function answerSystem(request: SystemRequest): Answer | undefined {
  const { state, path, namespace } = request;
  const [, area = "", name = ""] = /^(mounts|auth|policies\/acl|policy|namespaces|internal\/ui\/mounts)(?:\/(.*?))?\/?$/.exec(path) ?? [];
  switch (area) {
    case "mounts":
      return mounts(request, namespace.mounts, name, {}, (type, at, description) => {
        if (type === "transit") mountTransit(state, namespace, at, description);
        else namespace.mounts.set(at, newMount(type, description, undefined));
      });
    case "auth":
      return mounts(request, namespace.auths, name, methodConfig, (type, at, description) => {
        if (type !== "approle") throw new Refusal(400, `plugin not found in the catalog: ${type}`);
        enableAppRole(state, namespace, at, description);
      });
    case "policies/acl":
      return policies(request, name, "policy");
    case "policy":
      return policies(request, name, "rules");
    case "namespaces":
      return namespaces(request, name);
    case "internal/ui/mounts":
      return { data: { ...describeMount(requireMount(namespace.mounts, name), {}), path: `${name}/` } };
    default:
      return others(request);
  }
}

function others({ state, path, verb, fields, capabilities }: SystemRequest): Answer | undefined {
  if (path === "seal" && verb === "write") {
    state.sealed = true;
    return undefined;
  }
  if (path === "capabilities-self" && verb === "write") {
    const paths = listField(fields, "paths") ?? listField(fields, "path") ?? [];
    return { data: Object.fromEntries(paths.map((asked) => [asked, capabilities(asked)])), spread: true };
  }
  throw unsupportedPath();
}

type MountAction = (type: string, path: string, description: string) => void;

function mounts(
  { verb, fields, path }: SystemRequest,
  all: Map<string, Mount<unknown>>,
  name: string,
  config: Fields,
  add: MountAction,
): Answer | undefined {
  if (verb === "read" && name === "") {
    return { data: Object.fromEntries([...all].sort().map(([at, mount]) => [`${at}/`, describeMount(mount, config)])), spread: true };
  }
  if (name === "") throw unsupportedOperation();
  switch (verb) {
    case "read":
      return { data: describeMount(requireMount(all, name.replace(/\/tune$/, "")), config), spread: true };
    case "delete":
      all.delete(name);
      return undefined;
    case "write": {
      if (name.endsWith("/tune")) return undefined;
      const type = textField(fields, "type") ?? "";
      const known = path.startsWith("mounts") ? ["transit", "kv", "cubbyhole", "pki", "database", "totp", "ssh"] : ["approle"];
      if (!known.includes(type)) throw new Refusal(400, `plugin not found in the catalog: ${type}`);
      if (all.has(name)) throw new Refusal(400, `path is already in use at ${name}/`);
      add(type, name, textField(fields, "description") ?? "");
      return undefined;
    }
    default:
      throw unsupportedOperation();
  }
}

function requireMount<Engine>(all: ReadonlyMap<string, Mount<Engine>>, name: string): Mount<Engine> {
  const mount = all.get(name);
  if (mount === undefined) throw new Refusal(400, `No secret engine mount at ${name}/`);
  return mount;
}

function describeMount({ type, description, accessor, uuid }: Mount<unknown>, config: Fields): Fields {
  const builtIn = ["token", "system", "identity", "cubbyhole"].includes(type);
  return {
    accessor,
    config: { default_lease_ttl: 0, force_no_cache: false, max_lease_ttl: 0, ...config },
    ...(builtIn ? {} : { deprecation_status: "supported" }),
    description,
    external_entropy_access: false,
    local: false,
    options: builtIn ? null : {},
    plugin_version: "",
    running_plugin_version: "v2.7.2+builtin.bao",
    running_sha256: "",
    seal_wrap: false,
    type,
    uuid,
  };
}

function policies({ state, namespace, verb, fields }: SystemRequest, name: string, as: "policy" | "rules"): Answer | undefined {
  const own = namespace.policies;
  if (name === "") {
    if (verb !== "list" && as === "policy") throw unsupportedOperation();
    const names = [...own.keys(), ...(namespace.path === "" ? ["root"] : [])].sort();
    return as === "policy" ? { data: { keys: names } } : { data: { keys: names, policies: names }, spread: true };
  }
  const key = name.toLowerCase();
  switch (verb) {
    case "write": {
      const text = textField(fields, "policy") ?? textField(fields, "rules") ?? "";
      if (text === "") throw new Refusal(400, "'policy' parameter not supplied or empty");
      if (key === "root") throw new Refusal(400, 'cannot update "root" policy');
      putPolicy(state, namespace, key, text);
      return undefined;
    }
    case "delete":
      if (key === "default" || key === "root") throw new Refusal(400, `cannot delete ${JSON.stringify(key)} policy`);
      own.delete(key);
      return undefined;
    case "read": {
      const policy = own.get(key);
      if (policy === undefined && key !== "root") throw new Refusal(404);
      return { data: describePolicy(key, as, policy), spread: as === "rules" };
    }
    default:
      throw unsupportedOperation();
  }
}

function describePolicy(name: string, as: "policy" | "rules", policy: Policy | undefined): Fields {
  return {
    allow_slashes_in_identity_templates: false,
    allow_wildcards_in_identity_templates: false,
    cas_required: false,
    modified: new Date(policy?.modifiedAt ?? 0).toISOString(),
    name,
    [as]: policy?.text ?? "",
    version: policy?.version ?? 1,
  };
}

function namespaces({ state, namespace, verb }: SystemRequest, name: string): Answer | undefined {
  const at = `${namespace.path}${name}/`;
  const shown = ({ path, id, uuid }: Namespace): Fields => ({ custom_metadata: {}, id, locked: false, path, tainted: false, uuid });
  if (verb === "list") {
    const inside = [...state.namespaces.values()].filter(({ path }) => path !== namespace.path && path.startsWith(namespace.path));
    if (inside.length === 0) throw new Refusal(404);
    return { data: { key_info: Object.fromEntries(inside.map((one) => [one.path, shown(one)])), keys: inside.map(({ path }) => path) } };
  }
  if (name === "") throw unsupportedOperation();
  if (verb === "delete") {
    state.namespaces.delete(at);
    return undefined;
  }
  const found = state.namespaces.get(at);
  if (verb === "read") {
    if (found === undefined) throw new Refusal(404);
    return { data: shown(found) };
  }
  const made = found ?? createNamespace(at);
  state.namespaces.set(at, made);
  return { data: shown(made) };
}
