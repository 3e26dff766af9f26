import type { HttpRequest } from "../server/http-server.ts";

/** What a request wants to do to a path, whichever method says so. */
export type Verb = "read" | "list" | "write" | "delete";

/** Undefined for a method that no path takes. */
export function verbOf({ method, url }: HttpRequest): Verb | undefined {
  switch (method) {
    case "GET":
    case "HEAD":
      return url.searchParams.get("list") === "true" || url.searchParams.get("list") === "1" ? "list" : "read";
    case "LIST":
      return "list";
    case "POST":
    case "PUT":
      return "write";
    case "DELETE":
      return "delete";
    default:
      return undefined;
  }
}
