import { capabilitiesOn } from "./capabilities.ts";
import type { Denials } from "./denials.ts";
import { permissionDenied, Refusal, tokenRefused } from "./refusal.ts";
import type { Token } from "./token-store.ts";
import { isTransitRoute, type VaultRequest } from "./vault-request.ts";
import { mountOf, type Namespace, type VaultState } from "./vault-state.ts";
import type { Verb } from "./verb.ts";

/** The token of a request, which is used by it, or the 403 that it deserves: bare for the token, wrapped for what it may not do. */
export function authorise(
  state: VaultState,
  denials: Denials,
  request: VaultRequest & { namespace: Namespace; path: string; verb: Verb },
  understood: { operation: string; key: string | undefined },
): Token {
  const token = request.token === undefined ? undefined : state.tokens.use(request.token);
  if (token === undefined) throw new Refusal(403, tokenRefused);
  const { namespace, path, verb } = request;
  const wanted = capabilityOf(request, namespace);
  const held = capabilitiesOf(state, token, `${namespace.path}${path}`, verb === "list");
  const open = path.startsWith("sys/internal/ui/mounts/");
  const allowed = open || (held.includes(wanted) && (!needsSudo(path) || held.includes("sudo"))) || held.includes("root");
  if (!allowed || denials.match({ ...understood, credential: token.id })) throw new Refusal(403, permissionDenied);
  return token;
}

/** `path`: from the root of all namespaces. A policy speaks of paths below the namespace that it stands in. */
export function capabilitiesOf({ namespaces }: VaultState, token: Token, path: string, listing: boolean): readonly string[] {
  const own = /^auth\/token\/\w+-self$/.test(path);
  if (!own && !path.startsWith(token.namespace)) return ["deny"];
  if (token.policies.includes("root")) return ["root"];
  const home = namespaces.get(token.namespace);
  const rules = token.policies.flatMap((name) => home?.policies.get(name)?.rules ?? []);
  return capabilitiesOn(rules, own ? path : path.slice(token.namespace.length), listing);
}

/** A write is "create" only on the paths where the server looks whether the thing is there: encryption, and roles. */
function capabilityOf({ path, verb, transit }: VaultRequest, namespace: Namespace): string {
  if (verb !== "write") return verb ?? "deny";
  if (transit !== undefined && isTransitRoute(transit.route) && transit.route.operation === "encrypt") {
    const mount = namespace.mounts.get(transit.mount)?.engine;
    return mount?.keys.has(transit.route.key ?? "") === true ? "update" : "create";
  }
  const [, roles, rest = ""] = path?.startsWith("auth/") === true ? (mountOf(namespace.auths, path.slice("auth/".length)) ?? []) : [];
  const [, role] = /^role\/([^/]+)$/.exec(rest) ?? [];
  return role !== undefined && roles?.engine?.hasRole(role) === false ? "create" : "update";
}

function needsSudo(path: string): boolean {
  return path === "sys/seal" || path.startsWith("sys/auth/") || path === "auth/token/create-orphan";
}
