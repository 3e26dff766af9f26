import { usage } from "../failure.ts";
import { decodedPart, parsedUrl, type UrlPlace, urlParameters } from "./server-url.ts";

export interface PostgresAddress {
  /** For the driver: it may hold a password. */
  readonly connection: string;
  /** With its port, where one is given. */
  readonly host: string;
  readonly database: string | undefined;
  readonly hasPassword: boolean;
}

/** Parameters that name files. */
export const fileParameters = ["sslrootcert", "sslcert", "sslkey"] as const;

/** Parameters that the driver takes. */
const tlsParameters = ["sslmode", ...fileParameters] as const;

/** `own`: parameters that are not the driver's. They are left out of the connection. */
export function parsePostgresUrl<Own extends string>(
  text: string,
  place: UrlPlace,
  own: readonly Own[],
): PostgresAddress & { readonly own: Partial<Readonly<Record<Own, string>>> } {
  const url = parsedUrl(text, place);
  if (!/^postgres(ql)?:$/.test(url.protocol)) throw usage(`${place.where}: write ${place.form}`);
  const given = urlParameters<Own | (typeof tlsParameters)[number]>(url, [...own, ...tlsParameters], place);
  for (const name of own) url.searchParams.delete(name);
  const database = decodedPart(url.pathname.slice(1), place);
  if (url.hostname === "") throw usage(`${place.where}: the host is missing: write ${place.form}`);
  decodedPart(url.username + url.password, place);
  return {
    connection: url.href,
    host: url.host,
    database: database === "" ? undefined : database,
    hasPassword: url.password !== "",
    own: given,
  };
}
