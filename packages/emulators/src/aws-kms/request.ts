import type { HttpRequest } from "../server/http-server.ts";
import { type Fields, isMap } from "./fields.ts";

export interface AwsRequest {
  /** What follows "TrentService."; "" where the request is no call of the service. */
  readonly operation: string;
  /** Undefined where the body is not a JSON object. */
  readonly fields: Fields | undefined;
  readonly accessKeyId: string | undefined;
  readonly region: string;
}

/** Where nobody says: a request without a signature, or with one that covers many regions. */
export const defaultRegion = "us-east-1";

/** `POST /`, JSON 1.1: the operation is in a header, the region in what the signature covers. The signature is not checked. */
export function readRequest({ headers, body }: HttpRequest): AwsRequest {
  const [, operation = ""] = /^TrentService\.(\w+)$/.exec(String(headers["x-amz-target"] ?? "")) ?? [];
  const [, accessKeyId, region = defaultRegion] =
    /Credential=([^/,\s]+)\/\d{8}(?:\/([a-z0-9-]+))?\/kms\/aws4_request/.exec(headers.authorization ?? "") ?? [];
  return { operation, fields: readFields(body), accessKeyId, region };
}

function readFields(body: Uint8Array): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(new TextDecoder().decode(body) || "{}");
    return isMap(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}
