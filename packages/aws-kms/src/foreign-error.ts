export type Fields = Readonly<Record<string, unknown>>;

/** Of the SDK, of Node or of anybody. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

/** The HTTP status of an error; the providers of credentials have it elsewhere than the service. */
export function statusOf(error: unknown): number | undefined {
  const { $metadata, statusCode } = fieldsOf(error);
  return [fieldsOf($metadata).httpStatusCode, statusCode].find((status) => typeof status === "number");
}

/** An error and those behind it: `fetch` hides the network error in `cause`, a dual-stack connect in `errors`. */
export function chainOf(error: unknown, level = 0): readonly Fields[] {
  if (typeof error !== "object" || error === null || level > 4) return [];
  const { cause, errors } = error as Fields;
  const behind = [cause, ...(Array.isArray(errors) ? errors : [])];
  return [error as Fields, ...behind.flatMap((inner) => chainOf(inner, level + 1))];
}

/** The code of the operating system, the resolver or undici; of a network error before any other. */
export function systemCodeOf(chain: readonly Fields[]): string | undefined {
  const codes = chain
    .map(({ code }) => code)
    .filter((code): code is string => typeof code === "string" && /^[A-Z][A-Z0-9_]{1,39}$/.test(code));
  return codes.find(isNetworkCode) ?? codes[0];
}

function isNetworkCode(code: unknown): boolean {
  return typeof code === "string" && networkCode.exec(code)?.[0] === code;
}

export function isUnreached({ name, code }: Fields): boolean {
  return name === "TimeoutError" || isNetworkCode(code);
}

export function quotesNetworkCode(text: string): boolean {
  return networkCode.test(text);
}

const networkCode = /\b(ECONN\w+|E(HOST|NET)\w+|ENOTFOUND|EAI_(AGAIN|FAIL)|E(SOCKET)?TIMEDOUT|EPIPE|EADDRNOTAVAIL|UND_ERR_\w+)\b/;
