import type { HttpAnswer, HttpRequest, HttpService } from "../server/http-server.ts";
import type { ServiceRequest } from "../server/request-log.ts";
import type { Message } from "./damage.ts";
import { bearerToken } from "./grpc-server.ts";
import { fromJson, InvalidJson, toJson } from "./json-mapping.ts";
import { methods } from "./protocol.ts";
import { findRoute } from "./rest-route.ts";
import type { Service } from "./service.ts";
import { codes, Refusal, statusJson } from "./status.ts";

/** What a request that names no method of the API is called in the log. */
const unknown = "";

/** The JSON form of the API, of google/cloud/kms/v1/service.proto's own http options. */
export function restService(service: Service): HttpService {
  const answers = new WeakMap<HttpAnswer, { readonly operation: string; readonly message: Message; readonly numericEnums: boolean }>();
  const answerWith = (operation: string, message: Message, numericEnums: boolean): HttpAnswer => {
    const answer = { status: 200, body: toJson(methods[operation]?.response ?? "", message, numericEnums) };
    answers.set(answer, { operation, message, numericEnums });
    return answer;
  };
  return {
    understand(request) {
      const route = findRoute(request);
      const credential = bearerToken(request.headers.authorization);
      if (route === undefined) return { operation: unknown, key: undefined, credential };
      return service.understand(route.operation, route.fields, credential);
    },
    answer(request, understood) {
      return refusing(() => answerWith(understood.operation, perform(service, request, understood), asksForNumbers(request)));
    },
    refuse: (as) => errorAnswer(service.refuse(as)),
    distort(as, answer) {
      const given = answers.get(answer);
      return given === undefined ? answer : answerWith(given.operation, service.distort(as, given.message), given.numericEnums);
    },
  };
}

function perform(service: Service, request: HttpRequest, understood: Omit<ServiceRequest, "fault">): Message {
  const route = findRoute(request);
  if (route === undefined) throw new Refusal("UNIMPLEMENTED", "no such method");
  const type = methods[route.operation]?.request ?? "";
  return service.answer(understood, fromJson(type, route.merge(bodyOf(request))));
}

function bodyOf({ body }: HttpRequest): unknown {
  if (body.length === 0) return {};
  // Google's client for Node spells an empty message as "".
  const json = parsed(body.toString("utf8")) || {};
  if (typeof json !== "object" || Array.isArray(json)) throw new InvalidJson("Invalid JSON payload received. An object is needed.");
  return json;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidJson("Invalid JSON payload received.");
  }
}

function refusing(run: () => HttpAnswer): HttpAnswer {
  try {
    return run();
  } catch (error) {
    if (error instanceof InvalidJson) return errorAnswer(new Refusal("INVALID_ARGUMENT", error.message));
    if (!(error instanceof Refusal)) throw error;
    return error.status === "UNIMPLEMENTED" ? notFoundPage : errorAnswer(error);
  }
}

function errorAnswer(refusal: Refusal): HttpAnswer {
  return { status: codes[refusal.status][1], body: statusJson(refusal) };
}

/** Google's clients ask for enums as numbers in this way. */
function asksForNumbers({ url }: HttpRequest): boolean {
  return url.searchParams.get("$alt") === "json;enum-encoding=int";
}

/** Paths outside the API are answered by the frontend, not by the service. */
const notFoundPage: HttpAnswer = {
  status: 404,
  headers: { "content-type": "text/html; charset=UTF-8" },
  body: "<!DOCTYPE html><title>Error 404 (Not Found)!!1</title>",
};
