import type { HttpAnswer, HttpRequest, HttpService } from "../server/http-server.ts";
import type { ServiceRequest } from "../server/request-log.ts";
import { type Answer, httpAnswer, httpRefusal } from "./answer.ts";
import { authorise, capabilitiesOf } from "./authorise.ts";
import type { Denials } from "./denials.ts";
import { distort } from "./distort.ts";
import type { Fields } from "./fields.ts";
import { Refusal, unsupportedOperation, unsupportedPath } from "./refusal.ts";
import { answerSystem } from "./system.ts";
import { answerStatus, isStatusPath } from "./system-status.ts";
import { answerToken } from "./token-auth.ts";
import { answerTransit } from "./transit-engine.ts";
import { transitOperations } from "./transit-route.ts";
import { isTransitRoute, readRequest, type VaultRequest } from "./vault-request.ts";
import { mountOf, type Namespace, type VaultState } from "./vault-state.ts";
import type { Verb } from "./verb.ts";

/** Transit's own paths, and the first words of the others. */
export const vaultOperations: readonly string[] = [...transitOperations, "login", "auth", "sys", "other"];

type Understood = Omit<ServiceRequest, "fault">;
type Routed = VaultRequest & { readonly namespace: Namespace; readonly path: string; readonly verb: Verb };

export function createVaultService(state: VaultState, denials: Denials): HttpService {
  return {
    methods: ["LIST"],
    understand(request) {
      const { path = "", transit, token } = readRequest(state, request);
      const route = isTransitRoute(transit?.route) ? transit.route : undefined;
      const key = transit === undefined || route?.key === undefined ? undefined : `${transit.mount}/${route.key}`;
      return { operation: route?.operation ?? otherOperation(path), key, credential: token };
    },
    answer(request, understood) {
      try {
        if (/\/\//.test(request.url.pathname)) return redirect(request.url.pathname.replaceAll(/\/{2,}/g, "/"));
        return httpAnswer(dispatch(state, denials, request, understood));
      } catch (error) {
        if (error instanceof Refusal) return httpRefusal(error);
        throw error;
      }
    },
    refuse(as, request) {
      const { path = "" } = readRequest(state, request);
      if (as === "unavailable") return httpRefusal(new Refusal(503, "Vault is sealed"));
      const refused = httpRefusal(new Refusal(429, `request path ${JSON.stringify(path)}: rate limit quota exceeded`));
      return { ...refused, headers: { ...refused.headers, "retry-after": "1" } };
    },
    distort,
  };
}

function dispatch(state: VaultState, denials: Denials, http: HttpRequest, understood: Understood): Answer | undefined {
  const request = readRequest(state, http);
  if (request.path === undefined) throw new Refusal(404);
  if (request.verb === undefined) throw unknownMethod(http);
  if (request.namespace?.path !== "" && isStatusPath(request.path)) throw new Refusal(400, "operation unavailable in namespaces");
  if (request.namespace === undefined) throw new Refusal(404, "namespace not found");
  const routed: Routed = { ...request, path: request.path, verb: request.verb, namespace: request.namespace };
  const fields = request.verb === "write" ? bodyOf(http) : {};
  if (isStatusPath(routed.path)) return answerStatus(state, routed.path, routed.verb, fields, http.url.searchParams);
  if (state.sealed) throw new Refusal(503, "Vault is sealed");
  return authorised(state, denials, routed, fields, understood);
}

function authorised(state: VaultState, denials: Denials, request: Routed, fields: Fields, understood: Understood): Answer | undefined {
  const { path, verb, namespace, transit } = request;
  const login = path.startsWith("auth/") ? mountOf(namespace.auths, path.slice("auth/".length)) : undefined;
  if (login?.[2] === "login" && login[1].engine !== undefined) return login[1].engine.login(fields);
  const token = authorise(state, denials, request, understood);
  if (path.startsWith("auth/token/")) {
    const knownPolicies = new Set(namespace.policies.keys());
    const made = { clock: state.clock, tokens: state.tokens, token, fields, namespace: namespace.path, knownPolicies };
    return answerToken(path.slice("auth/token/".length), verb, made);
  }
  if (login?.[1].engine !== undefined) return login[1].engine.answer(login[2], verb, fields);
  if (path.startsWith("sys/")) {
    const capabilities = (asked: string): readonly string[] => capabilitiesOf(state, token, `${namespace.path}${asked}`, false);
    return answerSystem({ state, namespace, path: path.slice("sys/".length), verb, fields, capabilities });
  }
  if (transit === undefined) throw new Refusal(404, `no handler for route ${JSON.stringify(path)}. route entry not found.`);
  if (verb === "write" && path.endsWith("/")) throw new Refusal(400, "cannot write to a path ending in '/'");
  if (transit.route === "unsupported operation") throw unsupportedOperation();
  const engine = namespace.mounts.get(transit.mount)?.engine;
  if (transit.route === "unsupported path" || engine === undefined) throw unsupportedPath();
  return answerTransit(engine, state.clock, transit.route, fields);
}

function bodyOf({ body }: HttpRequest): Fields {
  if (body.length === 0) return {};
  let parsed: unknown;
  try {
    parsed = JSON.parse(body.toString("utf8"));
  } catch {
    throw new Refusal(
      400,
      `failed to decode JSON input: invalid character '${body.toString("latin1")[1] ?? ""}' looking for beginning of value`,
    );
  }
  if (Array.isArray(parsed)) {
    throw new Refusal(400, "failed to decode JSON input: json: cannot unmarshal array into Go value of type map[string]interface {}");
  }
  return (parsed ?? {}) as Fields;
}

function otherOperation(path: string): string {
  if (/^auth\/.+\/login$/.test(path)) return "login";
  if (path.startsWith("auth/")) return "auth";
  return path.startsWith("sys/") ? "sys" : "other";
}

function unknownMethod({ method, headers }: HttpRequest): Refusal {
  return method === "PATCH" && headers["content-type"] === undefined ? new Refusal(400, "mime: no media type") : unsupportedOperation();
}

function redirect(to: string): HttpAnswer {
  return { status: 307, headers: { location: to }, body: `<a href="${to}">Temporary Redirect</a>.\n\n` };
}
