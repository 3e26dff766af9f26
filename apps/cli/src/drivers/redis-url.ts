import { usage } from "../failure.ts";
import { decodedPart, parsedUrl, type UrlPlace, urlParameters } from "./server-url.ts";

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
  readonly database: number;
  readonly tls: boolean;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

/** `own`: the parameters that it may have. */
export function parseRedisUrl<Own extends string>(
  text: string,
  place: UrlPlace,
  own: readonly Own[],
): RedisAddress & { readonly own: Partial<Readonly<Record<Own, string>>> } {
  const url = parsedUrl(text, place);
  if (!/^rediss?:$/.test(url.protocol)) throw usage(`${place.where}: write ${place.form}`);
  const given = urlParameters(url, own, place);
  const database = /^\/?(\d{0,5})$/.exec(url.pathname)?.[1];
  if (url.hostname === "" || database === undefined)
    throw usage(`${place.where}: a host, and a number or nothing after it: write ${place.form}`);
  const user = decodedPart(url.username, place);
  const password = decodedPart(url.password, place);
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: url.port === "" ? 6379 : Number(url.port),
    database: Number(database),
    tls: url.protocol === "rediss:",
    user: user === "" ? undefined : user,
    password: password === "" ? undefined : password,
    own: given,
  };
}

/** Its name in messages and results: without user and password. */
export function redisAddressText({ host, port, database }: RedisAddress): string {
  return `redis://${host}:${port}/${database}`;
}
