import { usage } from "../failure.ts";

export interface GcpKmsUri {
  readonly provider: "gcp-kms";
  /** projects/P/locations/L/keyRings/R/cryptoKeys/K */
  readonly keyName: string;
}

const written = "projects/PROJECT/locations/LOCATION/keyRings/RING/cryptoKeys/NAME";

/** The parts of a name, and what each may be: the same that the adapter takes. */
const parts: readonly (readonly [collection: string, id: RegExp, grammar: string])[] = [
  ["projects", /^[a-z0-9][a-z0-9.:-]*$/, "comes an ID of lower-case letters, digits and dashes, or a number"],
  ["locations", /^[a-z0-9-]+$/, "come lower-case letters, digits and dashes"],
  ["keyRings", /^[a-zA-Z0-9_-]{1,63}$/, "come 1 to 63 letters, digits, underscores and dashes"],
  ["cryptoKeys", /^[a-zA-Z0-9_-]{1,63}$/, "come 1 to 63 letters, digits, underscores and dashes"],
];

/** `rest`: what follows "gcp-kms://". */
export function parseGcpKmsUri(rest: string): GcpKmsUri {
  const [keyName = "", version] = rest.split("/cryptoKeyVersions/");
  const fault = faultOf(keyName);
  if (fault !== undefined) throw usage(`gcp-kms: ${fault}write gcp-kms://${written}`);
  if (version !== undefined) throw usage(`gcp-kms: a KEK is a key with all its versions: write gcp-kms://${keyName}`);
  return { provider: "gcp-kms", keyName };
}

/** Words before the advice; "" where the whole has another form. */
function faultOf(keyName: string): string | undefined {
  const given = keyName.split("/");
  if (given.length !== 2 * parts.length || parts.some(([collection], index) => given[2 * index] !== collection)) return "";
  const [wrong] = parts.filter(([, id], index) => !id.test(given[2 * index + 1] ?? ""));
  return wrong === undefined ? undefined : `after ${wrong[0]}/ ${wrong[2]}: `;
}
