import { resolve } from "node:path";
import { parsePostgresUrl } from "../drivers/postgres-url.ts";
import { parseRedisUrl, redisAddressText } from "../drivers/redis-url.ts";
import { withoutCredentials } from "../keks/kek-uri.ts";
import type { StoreEntry } from "../stores/store-entry.ts";

/** Which server, database, file or bucket a store is in, without user and password: stores of one description may be in several. */
export function storePlace(entry: StoreEntry, folder: string): string {
  const place = { where: "url", form: "a URL" };
  switch (entry.type) {
    case "files":
      return resolve(folder, entry.folder);
    case "ndjson":
    case "json":
    case "csv":
    case "sqlite":
      return resolve(folder, entry.file);
    case "postgres": {
      if (entry.url === undefined) return placeOfEnvironment();
      const { host, database } = parsePostgresUrl(entry.url, place, []);
      return `postgres://${host}/${database ?? ""}`;
    }
    case "redis":
      return redisAddressText(parseRedisUrl(entry.url, place, []));
    case "s3":
      return awsPlace(`s3://${entry.bucket}/${entry.prefix ?? ""}`, entry, process.env.AWS_ENDPOINT_URL_S3);
    case "dynamodb":
      return awsPlace(`table ${entry.table}`, entry, process.env.AWS_ENDPOINT_URL_DYNAMODB);
  }
}

function placeOfEnvironment(): string {
  const { PGHOST = "localhost", PGPORT = "5432", PGDATABASE = "" } = process.env;
  return `postgres://${PGHOST}:${PGPORT}/${PGDATABASE}`;
}

/** What the entry does not say, the SDK takes from the environment, or from files of its own. */
function awsPlace(
  what: string,
  { region = process.env.AWS_REGION, endpoint }: { readonly region?: string | undefined; readonly endpoint?: string | undefined },
  ofService: string | undefined,
): string {
  const at = endpoint ?? ofService ?? process.env.AWS_ENDPOINT_URL;
  return [what, ...(region === undefined ? [] : [`region ${region}`]), ...(at === undefined ? [] : [`at ${withoutCredentials(at)}`])].join(
    ", ",
  );
}
