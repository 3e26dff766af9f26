export interface BaoRequest {
  readonly method?: "GET" | "POST" | "PUT" | "DELETE";
  /** Without "/v1/": "sys/health". */
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
}

export interface BaoAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** What came, as JSON; an empty answer is `{}`. */
  readonly body: BaoBody;
}

export interface BaoBody {
  readonly errors?: readonly string[];
  readonly data?: Readonly<Record<string, unknown>>;
  readonly [name: string]: unknown;
}

/** One call of OpenBao's HTTP API; POST by default. Every status is an answer. */
export async function baoRequest(endpoint: string, { method = "POST", path, body, token }: BaoRequest): Promise<BaoAnswer> {
  const response = await fetch(`${endpoint}/v1/${path}`, {
    method,
    headers: { connection: "close", ...(token !== undefined && { "x-vault-token": token }) },
    redirect: "error",
    signal: AbortSignal.timeout(30_000),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? {} : (JSON.parse(text) as BaoBody) };
}

/** The same for set-up, where anything but a success is an error. */
export async function baoDo(endpoint: string, request: BaoRequest): Promise<BaoBody> {
  const { status, body } = await baoRequest(endpoint, request);
  if (status < 200 || status > 299)
    throw new Error(`OpenBao answered ${status} to ${request.path}: ${body.errors?.join(", ") ?? "no reason given"}`);
  return body;
}
