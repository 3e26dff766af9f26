import type { GcpKmsClient } from "./kms-client.ts";

export interface GcpKmsOptions {
  /** Credentials, endpoint and transport are the client's. Its retries and time limits are not used: a call is made once and ends within `gcpKmsTimeoutMs`. */
  readonly client: GcpKmsClient;
  /** `projects/P/locations/L/keyRings/R/cryptoKeys/K`. Never a version of it: the service encrypts with the primary one, and finds the one to decrypt with. */
  readonly keyName: string;
}

const known = ["client", "keyName"];
/** The parts of a name, and what each may be. */
const parts: readonly (readonly [collection: string, id: RegExp, grammar: string])[] = [
  ["projects", /^[a-z0-9][a-z0-9.:-]*$/, "is an ID of lower-case letters, digits and dashes, or a number"],
  ["locations", /^[a-z0-9-]+$/, "has lower-case letters, digits and dashes"],
  ["keyRings", /^[a-zA-Z0-9_-]{1,63}$/, "has 1 to 63 letters, digits, underscores and dashes"],
  ["cryptoKeys", /^[a-zA-Z0-9_-]{1,63}$/, "has 1 to 63 letters, digits, underscores and dashes"],
];
/** SPEC section 3: a keyRef has at most 255 bytes. */
const mostKeyNameBytes = 255;

/** Checks and copies. Misuse is a `TypeError` that says what to write. */
export function readOptions(options: GcpKmsOptions): GcpKmsOptions {
  if (typeof options !== "object" || options === null) throw new TypeError(`options must be an object with ${known.join(" and ")}`);
  for (const name in options) {
    if (!known.includes(name)) throw new TypeError(`unknown option ${JSON.stringify(name)}; known are ${known.join(", ")}`);
  }
  const { client, keyName } = options;
  if (![client?.encrypt, client?.decrypt, client?.getCryptoKey].every((method) => typeof method === "function")) {
    throw new TypeError("client must be a KeyManagementServiceClient of @google-cloud/kms");
  }
  const fault = faultOf(keyName);
  if (fault !== undefined) throw new TypeError(`keyName must be projects/P/locations/L/keyRings/R/cryptoKeys/K${fault}`);
  return { client, keyName };
}

function faultOf(keyName: unknown): string | undefined {
  if (typeof keyName !== "string") return "";
  if (keyName.includes("/cryptoKeyVersions/")) return ", without a version: cut it off from /cryptoKeyVersions/ on";
  if (keyName.length > mostKeyNameBytes) return ", of at most 255 bytes";
  if (!keyName.startsWith("projects/")) return ": the bare name of a key means another key in another project";
  const given = keyName.split("/");
  for (const [index, [collection, id, grammar]] of parts.entries()) {
    if (given[2 * index] !== collection) return `, where /${collection}/ is missing or not in its place`;
    if (!id.test(given[2 * index + 1] ?? "")) return `: the part after ${collection}/ ${grammar}`;
  }
  return given.length === 2 * parts.length ? undefined : ", and nothing after it";
}
