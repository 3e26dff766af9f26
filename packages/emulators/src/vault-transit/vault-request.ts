import type { HttpRequest } from "../server/http-server.ts";
import { type TransitRoute, transitRoute } from "./transit-route.ts";
import { mountOf, type Namespace, type VaultState } from "./vault-state.ts";
import { type Verb, verbOf } from "./verb.ts";

/** A request as far as method, path and headers say. */
export interface VaultRequest {
  /** Undefined where X-Vault-Namespace names one that is not there. */
  readonly namespace: Namespace | undefined;
  /** Within the namespace, without "/v1/": "transit/encrypt/app". Undefined outside of /v1/. */
  readonly path: string | undefined;
  readonly verb: Verb | undefined;
  readonly token: string | undefined;
  /** What it asks of a Transit engine, where the path leads to one. */
  readonly transit: { readonly mount: string; readonly rest: string; readonly route: ReturnType<typeof transitRoute> } | undefined;
}

export function readRequest(state: VaultState, request: HttpRequest): VaultRequest {
  const verb = verbOf(request);
  const token = tokenOf(request);
  const whole = decoded(request.url.pathname);
  if (whole === undefined || !whole.startsWith("/v1/"))
    return { namespace: state.namespaces.get(""), path: undefined, verb, token, transit: undefined };
  const asked = whole.slice("/v1/".length);
  // A list is always one of a folder, whether its path ends so or not.
  const folder = verb === "list" ? asked.replace(/\/?$/, "/") : asked;
  const [namespace, path] = within(state, header(request, "x-vault-namespace"), folder);
  if (namespace === undefined || verb === undefined) return { namespace, path, verb, token, transit: undefined };
  const [mount, { engine } = { engine: undefined }, rest = ""] = mountOf(namespace.mounts, path) ?? [];
  if (mount === undefined || engine === undefined) return { namespace, path, verb, token, transit: undefined };
  return { namespace, path, verb, token, transit: { mount, rest, route: transitRoute(rest, verb) } };
}

export function isTransitRoute(route: ReturnType<typeof transitRoute> | undefined): route is TransitRoute {
  return typeof route === "object";
}

/** The namespace of the header, and then of the path: both may name one. */
function within(state: VaultState, named: string | undefined, path: string): readonly [Namespace | undefined, string] {
  const start = (named ?? "").replace(/^\/+|\/+$/g, "");
  const base = start === "" || start === "root" ? "" : `${start}/`;
  if (!state.namespaces.has(base)) return [undefined, path];
  const inside = [...state.namespaces.keys()].filter((at) => at.startsWith(base) && `${base}${path}`.startsWith(at));
  const deepest = inside.sort((a, b) => b.length - a.length)[0] ?? base;
  return [state.namespaces.get(deepest), `${base}${path}`.slice(deepest.length)];
}

function tokenOf(request: HttpRequest): string | undefined {
  const own = header(request, "x-vault-token");
  if (own !== undefined && own !== "") return own;
  const [, bearer] = /^Bearer (.+)$/.exec(header(request, "authorization") ?? "") ?? [];
  return bearer;
}

function header({ headers }: HttpRequest, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function decoded(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    return undefined;
  }
}
